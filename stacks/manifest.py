"""`cdktf.out/platform.json`: what the deployment needs and how its parts are named, for the tools."""

from dataclasses import asdict
from typing import Any

from metaflow_gcp.google.requirements import Requirements
from stacks.cluster_names import forwards
from stacks.pulled import pulled_charts, pulled_images
from stacks.settings import Settings
from stacks.settings.tables.endpoint import Endpoint
from stacks.settings.tables.pools import GpuPool, Pool, SystemPool

KIND = "PlatformManifest"
"""Says in the document which one it is: programs that read it refuse any other."""

VERSION = 1
"""Raised when a key changes its meaning or goes away."""


def manifest(settings: Settings, requirements: Requirements) -> dict[str, Any]:
    return {
        "kind": KIND,
        "version": VERSION,
        "project": settings.project,
        "environment": settings.environment,
        "region": settings.region,
        "zones": sorted({zone for pool in settings.pools for zone in pool.zones(settings.zones)} | {*settings.zones}),
        "machine_types": sorted({pool.choices.machine_type for pool in settings.pools}),
        "apis": sorted(requirements.apis),
        "quotas": [
            asdict(quota) for quota in sorted(requirements.quotas, key=lambda quota: (quota.metric, quota.region or ""))
        ],
        "names": {
            "cluster": settings.naming.cluster,
            "bucket": settings.naming.bucket,
            "repository": settings.naming.repository,
        },
        "pools": [_pool(pool, settings.zones) for pool in settings.pools],
        "images": pulled_images(settings),
        "charts": pulled_charts(settings),
        "forwards": [asdict(forward) for forward in forwards(settings)],
        **({"endpoint": _endpoint(settings.endpoint)} if settings.endpoint.enabled else {}),
    }


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "domain": endpoint.domain,
        "dns_zone": endpoint.dns_zone,
        "own_oauth_client": endpoint.oauth_client_id is not None,
    }


def _pool(pool: Pool, zones: tuple[str, ...]) -> dict[str, Any]:
    choices = pool.choices
    return {
        "name": pool.name,
        "machine_type": choices.machine_type,
        "zones": list(pool.zones(zones)),
        "min_nodes": choices.min_nodes,
        "max_nodes": choices.max_nodes,
        "spot": not isinstance(choices, SystemPool) and choices.spot,
        "gpu": _gpu(choices) if isinstance(choices, GpuPool) else None,
    }


def _gpu(pool: GpuPool) -> dict[str, Any] | None:
    accelerators = pool.accelerators
    if accelerators is None:
        return None
    return {
        "type": accelerators.gpu.name,
        "count": accelerators.count,
        # None: Google documents no metric for it.
        "quota_metric": accelerators.gpu.quota_metric(spot=pool.spot, flex_start=pool.flex_start),
        "flex_start": pool.flex_start,
    }
