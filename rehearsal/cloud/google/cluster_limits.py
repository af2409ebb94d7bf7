"""Auto-provisioning's limits, which count every node of the cluster, those of declared pools included.

GKE takes any limits. A pool that they leave no room for is made, and then never grows: its pods wait for ever.
https://cloud.google.com/kubernetes-engine/docs/how-to/node-auto-provisioning#resource_limits
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from rehearsal.cloud import machine_families
from rehearsal.cloud.google.request import Request
from rehearsal.protocol.values import UNKNOWN
from rehearsal.protocol.walk import first

_SHARED_CORE = {"f1-micro": 1, "g1-small": 1, "e2-micro": 2, "e2-small": 2, "e2-medium": 2, "e4-medium": 2}
_WITH_GPUS = {
    r"a2-(high|ultra)gpu-(?P<gpus>\d+)g": 12,
    r"a2-megagpu-(?P<gpus>16)g": 6,
    r"a3-(high|mega)gpu-(?P<gpus>\d+)g": 26,
    r"a3-ultragpu-(?P<gpus>8)g": 28,
    r"a4-highgpu-(?P<gpus>8)g": 28,
    r"a4x-highgpu-(?P<gpus>4)g": 35,
}
"""vCPUs beside each GPU. https://cloud.google.com/compute/docs/accelerator-optimized-machines"""
_NAMED = re.compile(r"[a-z0-9]+(-[48]t)?-(standard|high(cpu|mem)|(mega|ultra|hyper)mem|custom)-(?P<vcpus>\d+)(-.*)?")
_CUSTOM_N1 = re.compile(r"custom-(?P<vcpus>\d+)-\d+(-ext)?")


def pools_fit(request: Request) -> None:
    """All pools at their largest, against the limits of the cluster that this one joins."""
    name = str(request.get("cluster", "")).rsplit("/", 1)[-1]
    limits = _limits(request, name)
    if not limits:
        return
    others = [
        each.state
        for each in request.cloud.all("google_container_node_pool", request.project)
        if each.key != request.key and str(each.state["cluster"]).rsplit("/", 1)[-1] == name
    ]
    own = _at_largest(request.state)
    for kind, wanted in own.items():
        if kind == "memory" and kind not in limits:
            continue
        total = wanted + sum(_at_largest(other).get(kind, 0) for other in others)
        if total > limits.get(kind, 0):
            raise request.refuse(
                f"with this pool the cluster's pools may grow to {total} {kind}, and auto-provisioning's limit for "
                f"{kind}, which counts them all, is {limits.get(kind, 0)}: they would stop growing before",
                path=("autoscaling",),
            )


def _limits(request: Request, cluster: str) -> Mapping[str, int]:
    for each in request.cloud.all("google_container_cluster", request.project):
        if each.state["name"] == cluster and first(each.state, "cluster_autoscaling.enabled"):
            limits = each.state["cluster_autoscaling"][0]["resource_limits"] or []
            return {limit["resource_type"]: limit["maximum"] for limit in limits}
    return {}


def _at_largest(pool: dict[str, Any]) -> dict[str, int]:
    most, machine = nodes(pool), str(known(pool, "node_config.machine_type") or "e2-medium")
    found: dict[str, int] = {}
    if (vcpus := vcpus_of(machine)) is not None:
        found["cpu"] = most * vcpus
    if size := machine_families.size(machine):
        found["memory"] = math.floor(most * size[1])
    if accelerator := known(pool, "node_config.guest_accelerator.type"):
        found[accelerator] = most * int(known(pool, "node_config.guest_accelerator.count") or 0)
    return found


def nodes_at_start(pool: dict[str, Any]) -> int:
    """The nodes that a pool has as soon as it is made."""
    zones = len(known(pool, "node_locations") or [""])
    in_each = (known(pool, path) for path in ("autoscaling.min_node_count", "node_count", "initial_node_count"))
    return max(
        [zones * int(each or 0) for each in in_each] + [int(known(pool, "autoscaling.total_min_node_count") or 0)]
    )


def nodes(pool: dict[str, Any]) -> int:
    """The nodes that a pool may grow to."""
    if total := known(pool, "autoscaling.total_max_node_count"):
        return int(total)
    in_each = (known(pool, path) for path in ("autoscaling.max_node_count", "node_count", "initial_node_count"))
    return len(known(pool, "node_locations") or [""]) * next((int(number) for number in in_each if number), 0)


def known(pool: dict[str, Any], path: str) -> Any:
    """What is written, or None where it is not known yet."""
    found = first(pool, path)
    return None if found is UNKNOWN else found


def vcpus_of(machine: str) -> int | None:
    """As Google's names say it; `None` where they do not."""
    if machine in _SHARED_CORE:
        return _SHARED_CORE[machine]
    for pattern, beside_each in _WITH_GPUS.items():
        if match := re.match(pattern, machine):
            return beside_each * int(match["gpus"])
    named = _CUSTOM_N1.fullmatch(machine) or _NAMED.fullmatch(machine)
    return int(named["vcpus"]) if named else None
