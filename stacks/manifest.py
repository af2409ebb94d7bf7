"""`cdktf.out/platform.json`: what the deployment needs and how its parts are named, for the tools."""

from typing import Any

from metaflow_gcp.requirements import Requirements
from stacks.settings import Settings

VERSION = 1
"""Raised when a key changes its meaning or goes away."""


def manifest(settings: Settings, requirements: Requirements) -> dict[str, Any]:
    pools = {**settings.task_pools, **settings.gpu_pools}
    return {
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
        "forwards": [
            {"name": "metadata-service", "namespace": "metaflow", "service": "metadata-service", "port": 8080}
        ],
    }
