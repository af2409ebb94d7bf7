"""The dashboard: its tiles, and their JSON. Needs no Node.

https://cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.dashboards
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from metaflow_gcp.metaflow.observability import metrics
from metaflow_gcp.metaflow.observability.watched import NODE_POOL, Watched

COLUMNS, _IN_A_ROW, _HEIGHT = 48, 3, 14


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A chart."""

    title: str
    queries: tuple[str, ...]
    """PromQL."""
    unit: str
    """As UCUM writes it: `1`, `By`, `%`, `h`. https://unitsofmeasure.org/ucum"""
    stacked: bool = False
    """Whether the series add up to something."""


def tiles(watched: Watched) -> list[Tile]:
    """Row by row, three in each."""
    return [*_tasks(watched), *_nodes(watched), *_services(watched), *_argo(watched)]


def document(title: str, shown: Sequence[Tile]) -> str:
    """JSON without anything that the API drops: a zero or an empty text would look like a change in each plan."""
    width = COLUMNS // _IN_A_ROW
    placed = []
    for index, tile in enumerate(shown):
        row, column = divmod(index, _IN_A_ROW)
        place = {"xPos": column * width, "yPos": row * _HEIGHT}
        placed.append(
            {**{key: value for key, value in place.items() if value}, "width": width, "height": _HEIGHT}
            | {"widget": _widget(tile)}
        )
    made = {"displayName": title, "mosaicLayout": {"columns": COLUMNS, "tiles": placed}}
    return json.dumps(made, sort_keys=True, separators=(",", ":"))


def _widget(tile: Tile) -> dict[str, Any]:
    return {
        "title": tile.title,
        "xyChart": {
            "dataSets": [
                {
                    "plotType": "STACKED_AREA" if tile.stacked else "LINE",
                    "timeSeriesQuery": {"prometheusQuery": query, "unitOverride": tile.unit},
                }
                for query in tile.queries
            ]
        },
    }


def _tasks(watched: Watched) -> list[Tile]:
    phases = watched.collected("kube_pod_status_phase/gauge", namespace=watched.jobs)
    reasons = watched.collected("kube_pod_container_status_waiting_reason/gauge", namespace=watched.jobs)
    containers = watched.of_nodes("container/cpu/request_cores", namespace_name=watched.jobs)
    on_node = "metadata_system_node_name"
    pods = f'label_replace(max by (pod_name, {on_node}) ({containers}), "node_name", "$1", "{on_node}", "(.+)")'
    pools = f"max by (node_name, {NODE_POOL}) ({watched.nodes})"
    return [
        Tile(title="Task pods by phase", queries=(f"sum by (phase) ({phases})",), unit="1", stacked=True),
        Tile(
            title="Task pods by pool",
            queries=(f"count by ({NODE_POOL}) ({pods} * on (node_name) group_left ({NODE_POOL}) {pools})",),
            unit="1",
            stacked=True,
        ),
        Tile(
            title="Pending: no node has room, or the reason a container waits",
            queries=(f"sum({watched.waiting})", f"sum by (reason) ({reasons})"),
            unit="1",
        ),
    ]


def _nodes(watched: Watched) -> list[Tile]:
    used = watched.collected("DCGM_FI_DEV_GPU_UTIL/gauge")
    memory = watched.collected("DCGM_FI_DEV_FB_USED/gauge")
    return [
        Tile(title="Nodes by pool", queries=(f"count by ({NODE_POOL}) ({watched.nodes})",), unit="1", stacked=True),
        Tile(
            title="Node hours by pool, in the last 24 hours",
            # One sample a minute.
            queries=(f"sum by ({NODE_POOL}) (count_over_time({watched.nodes}[1d])) / 60",),
            unit="h",
        ),
        Tile(title="GPU use by node", queries=(f"avg by (Hostname) ({used})",), unit="%"),
        Tile(title="GPU memory used by node", queries=(f"sum by (Hostname) ({memory})",), unit="MiBy"),
    ]


def _services(watched: Watched) -> list[Tile]:
    available = watched.collected("kube_deployment_status_replicas_available/gauge", namespace=f"~{watched.platform}")
    stored = metrics.series("storage.googleapis.com/storage/v2/total_bytes", bucket_name=watched.bucket)
    return [
        Tile(title="Ready pods of services", queries=(f"sum by (deployment) ({available})",), unit="1"),
        Tile(
            title="Database connections",
            queries=(f"sum({watched.of_database('postgresql/num_backends')})",),
            unit="1",
        ),
        Tile(
            title="Database: CPU, memory and disk in use",
            queries=tuple(
                f"max({watched.of_database(f'{what}/utilization')}) * 100" for what in ("cpu", "memory", "disk")
            ),
            unit="%",
        ),
        Tile(
            title="Database disk: used, and size",
            queries=tuple(f"max({watched.of_database(f'disk/{what}')})" for what in ("bytes_used", "quota")),
            unit="By",
        ),
        Tile(
            title="Bucket, by kind of object",
            # One sample a day.
            queries=(f"sum by (type) (last_over_time({stored}[2d]))",),
            unit="By",
            stacked=True,
        ),
    ]


def _argo(watched: Watched) -> list[Tile]:
    found = []
    if watched.workflows:
        workflows = watched.collected("argo_workflows_gauge/gauge")
        queues = watched.collected("argo_workflows_queue_depth_gauge/gauge")
        found = [
            Tile(title="Workflows by phase", queries=(f"sum by (status) ({workflows})",), unit="1", stacked=True),
            Tile(title="Argo's queues", queries=(f"max by (queue_name) ({queues})",), unit="1"),
        ]
    if watched.events:
        disk = watched.of_nodes("pod/volume/utilization", namespace_name=watched.jobs, pod_name="~eventbus-.+")
        found.append(Tile(title="Event bus: disk in use", queries=(f"max by (pod_name) ({disk}) * 100",), unit="%"))
    return found
