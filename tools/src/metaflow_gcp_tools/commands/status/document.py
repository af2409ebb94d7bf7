"""`result` of `metaflow-gcp status --json`, described in docs/commands/status.md."""

from dataclasses import asdict
from typing import Any

from metaflow_gcp_tools.commands.status.check import Status
from metaflow_gcp_tools.commands.status.pools import Pool


def result(status: Status) -> dict[str, Any]:
    platform, cluster = status.platform, status.cluster
    return {
        "project": platform.project,
        "environment": platform.environment,
        "healthy": not status.problems,
        "cluster": {
            "name": platform.cluster_name,
            "location": platform.cluster_location,
            "version": cluster and cluster.version,
            "status": cluster and cluster.status,
        },
        "services": [asdict(service) for service in status.services],
        "workloads": [
            {
                "namespace": each.namespace,
                "name": each.name,
                "healthy": each.healthy,
                "ready": each.ready,
                "wanted": each.wanted,
                "images": each.images,
                "chart": each.chart,
            }
            for each in status.workloads
        ],
        "endpoint": status.endpoint and [asdict(each) for each in status.endpoint],
        "migration": status.migration,
        "pools": cluster and [_pool(pool, status) for pool in cluster.pools],
        "tasks": {
            "running": status.running,
            "waiting": [
                {
                    **asdict(each.why),
                    "tasks": each.tasks,
                    "since": each.since and each.since.isoformat(),
                }
                for each in status.waiting
            ],
        },
        "current_context": asdict(status.current_context),
        "unknown": [asdict(each) for each in status.unknown],
    }


def _pool(pool: Pool, status: Status) -> dict[str, Any]:
    return {
        "name": pool.name,
        "machine_type": pool.machine_type,
        "gpu": pool.gpu,
        "gpus_per_node": pool.gpus_per_node,
        "nodes": status.nodes and status.nodes.get(pool.name, 0) if status.nodes is not None else None,
        "min_nodes": pool.min_nodes,
        "max_nodes": pool.max_nodes,
    }
