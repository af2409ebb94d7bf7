"""What a deployment pulls from elsewhere, image by image and chart by chart, each with the setting that asks for it."""

from collections.abc import Iterator
from typing import Any

from metaflow_gcp import externals
from metaflow_gcp.kubernetes import images
from metaflow_gcp.kubernetes.helm import charts
from metaflow_gcp.kubernetes.helm.charts import Chart
from metaflow_gcp.metaflow.argo import events_values
from stacks.settings import Settings


def pulled_images(settings: Settings) -> list[dict[str, str]]:
    """By full names. The cluster pulls Docker Hub's through the platform's own copy; it must have them all the same."""
    return [
        {"setting": "images.metadata_service", "name": _full(settings.images.metadata_service)},
        {"setting": "images.task", "name": _full(settings.images.task)},
        *(
            {"setting": setting, "name": externals.image(key)}
            for setting, chart, version in _charts(settings)
            for key in _images_of(chart, version)
        ),
    ]


def pulled_charts(settings: Settings) -> list[dict[str, str]]:
    return [
        {
            "setting": setting,
            "name": chart.name,
            "repository": chart.repository,
            "version": version,
            "app_version": chart.versions[version],
        }
        for setting, chart, version in _charts(settings)
    ]


def _charts(settings: Settings) -> Iterator[tuple[str, Chart, str]]:
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
