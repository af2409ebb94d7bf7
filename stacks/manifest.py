"""`cdktf.out/platform.json`: what the deployment needs and how its parts are named, for the tools."""

from dataclasses import asdict
from typing import Any

from metaflow_gcp.google.gke import gpu_machines
from metaflow_gcp.google.requirements import Requirements
from stacks.cluster_names import forwards
from stacks.pulled import pulled_charts, pulled_images
from stacks.settings import Settings
from stacks.settings.tables.pools import AnyPool, GpuPool, Pool

KIND = "PlatformManifest"
"""Says in the document which one it is: programs that read it refuse any other."""

VERSION = 1
"""Raised when a key changes its meaning or goes away."""


def manifest(settings: Settings, requirements: Requirements) -> dict[str, Any]:
    pools = {**settings.task_pools, **settings.gpu_pools}
    return {
        "kind": KIND,
        "version": VERSION,
        "project": settings.project,
        "environment": settings.environment,
        "region": settings.region,
        "zones": sorted({*settings.zones, *(zone for pool in pools.values() for zone in pool.zones or ())}),
        "machine_types": sorted(
            {settings.cluster.system_pool.machine_type, *(pool.machine_type for pool in pools.values())}
        ),
        "apis": sorted(requirements.apis),
        "quotas": [
            {
                "metric": quota.metric,
                "region": quota.region,
                "at_start": quota.at_start,
                "at_maximum": quota.at_maximum,
            }
            for quota in sorted(requirements.quotas, key=lambda quota: (quota.metric, quota.region or ""))
        ],
        "names": {
            "cluster": settings.cluster_name,
            "bucket": settings.bucket_name,
            "repository": settings.repository_name,
        },
        "pools": [
            _pool(name, pool, settings)
            for name, pool in {
                "system": settings.cluster.system_pool,
                **settings.task_pools,
                **settings.gpu_pools,
            }.items()
        ],
        "images": pulled_images(settings),
        "charts": pulled_charts(settings),
        "forwards": [asdict(forward) for forward in forwards(settings)],
    }


def _pool(name: str, pool: AnyPool, settings: Settings) -> dict[str, Any]:
    return {
        "name": name,
        "machine_type": pool.machine_type,
        "zones": list(settings.zones if not isinstance(pool, Pool) or pool.zones is None else pool.zones),
        "min_nodes": pool.min_nodes,
        "max_nodes": pool.max_nodes,
        "spot": isinstance(pool, Pool) and pool.spot,
        "gpu": _gpu(pool) if isinstance(pool, GpuPool) else None,
    }


def _gpu(pool: GpuPool) -> dict[str, Any] | None:
    accelerators = gpu_machines.accelerators(pool.machine_type, pool.gpu_type, pool.gpu_count, pool.gpu_quota_metric)
    if accelerators is None:
        return None
    return {
        "type": accelerators.gpu.name,
        "count": accelerators.count,
        # None: Google documents no metric for it.
        "quota_metric": accelerators.gpu.quota_metric(spot=pool.spot, flex_start=pool.flex_start),
        "flex_start": pool.flex_start,
    }
