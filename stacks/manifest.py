"""`cdktf.out/platform.json`: what the deployment needs and how its parts are named, for the tools."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from metaflow_gcp import externals
from metaflow_gcp.google.requirements import Requirements
from metaflow_gcp.kubernetes import images
from metaflow_gcp.kubernetes.helm import charts
from metaflow_gcp.kubernetes.helm.charts import Chart
from metaflow_gcp.metaflow.argo import events_values
from stacks.cluster_names import forwards
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
        "images": _images(settings),
        "charts": _charts(settings),
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


def _images(settings: Settings) -> list[dict[str, str]]:
    """What is pulled, by full names, each with the setting that asks for it.

    The cluster pulls Docker Hub's through the platform's own copy; it must have them all the same.
    """
    return [
        {"setting": "images.metadata_service", "name": _full(settings.images.metadata_service)},
        {"setting": "images.task", "name": _full(settings.images.task)},
        *(
            {"setting": setting, "name": externals.image(key)}
            for setting, chart, version in _releases(settings)
            for key in _images_of(chart, version)
        ),
    ]


def _charts(settings: Settings) -> list[dict[str, str]]:
    return [
        {
            "setting": setting,
            "name": chart.name,
            "repository": chart.repository,
            "version": version,
            "app_version": chart.versions[version],
        }
        for setting, chart, version in _releases(settings)
    ]


def _releases(settings: Settings) -> Iterator[tuple[str, Chart, str]]:
    if settings.argo.enabled:
        yield "argo.workflows_chart", charts.ARGO_WORKFLOWS, settings.argo.workflows_chart
        if settings.argo.events:
            yield "argo.events_chart", charts.ARGO_EVENTS, settings.argo.events_chart
    if settings.jobset.enabled:
        yield "jobset.chart", charts.JOBSET, settings.jobset.chart


def _images_of(chart: Chart, version: str) -> list[str]:
    """Keys of `externals.json`: those that the chart names, and those that we name in its values."""
    found: dict[str, Any] = externals.document()["charts"][chart.name]["versions"][version]
    ours = events_values.IMAGES if chart is charts.ARGO_EVENTS else ()
    return [*found["images"], *ours]


def _full(image: str) -> str:
    """With the registry, and the digest if it is known."""
    if images.registry_of(image) is None:
        image = f"docker.io/{image if '/' in image else f'library/{image}'}"
    return externals.pinned(image)
