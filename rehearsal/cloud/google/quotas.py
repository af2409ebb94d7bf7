"""Compute Engine's quotas: what is left of them. A metric of which nothing was said has no limit.

https://cloud.google.com/compute/resource-usage. GPUs are counted in gpus.py.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.cloud import machine_families
from rehearsal.cloud.google import cluster_limits
from rehearsal.cloud.google.request import Request

COUNTED: Mapping[str, tuple[str, str]] = {
    "google_compute_network": ("NETWORKS", "global"),
    "google_compute_subnetwork": ("SUBNETWORKS", "global"),
    "google_compute_firewall": ("FIREWALLS", "global"),
    "google_compute_router": ("ROUTERS", "global"),
    "google_compute_forwarding_rule": ("FORWARDING_RULES", "global"),
}
"""Type -> the metric that each of them counts once in, and where."""
_CPUS = {"n2", "n2d", "c2", "c2d", "c3", "t2a", "t2d", "a2"}
"""Families with a metric of their own; those of e2, n1 and g2 count in CPUS."""
_DISKS = {"pd-balanced": "SSD_TOTAL_GB", "pd-ssd": "SSD_TOTAL_GB", "pd-standard": "DISKS_TOTAL_GB"}


def one_more(request: Request) -> None:
    """Of a type that is counted by number."""
    metric, where = COUNTED[request.type]
    limit = request.cloud.quota(request.project, where, metric)
    there = [each for each in request.cloud.all(request.type, request.project) if each.key != request.key]
    if limit is not None and len(there) + 1 > limit:
        raise request.refuse(
            f"googleapi: Error 403: Quota '{metric}' exceeded. Limit: {limit:.1f} globally., quotaExceeded"
        )


def nodes(request: Request) -> None:
    """The nodes that a pool starts with: their vCPUs, disks and number."""
    region = "-".join(str(request.get("location", "")).split("-")[:2])
    pools = [
        each.state
        for each in request.cloud.all("google_container_node_pool", request.project)
        if each.key != request.key and str(each.state["location"]).startswith(region)
    ]
    for metric, needed in _drawn(request.state):
        limit = request.cloud.quota(request.project, region, metric)
        used = sum(amount for pool in pools for name, amount in _drawn(pool) if name == metric)
        if limit is not None and needed and used + needed > limit:
            raise request.refuse(
                f'googleapi: Error 403: Insufficient regional quota to satisfy request: resource "{metric}": request '
                f"requires '{needed:.1f}' and is short '{used + needed - limit:.1f}'. project has a quota of "
                f"'{limit:.1f}' with '{max(0.0, limit - used):.1f}' available., forbidden"
            )


def _drawn(pool: dict[str, Any]) -> Iterator[tuple[str, float]]:
    count = cluster_limits.nodes_at_start(pool)
    machine = str(cluster_limits.known(pool, "node_config.machine_type") or "e2-medium")
    family = machine.partition("-")[0]
    size = machine_families.size(machine)
    if size:
        yield f"{family.upper()}_CPUS" if family in _CPUS else "CPUS", count * size[0]
    disk, gb = (
        cluster_limits.known(pool, "node_config.disk_type"),
        cluster_limits.known(pool, "node_config.disk_size_gb"),
    )
    if isinstance(disk, str) and isinstance(gb, int | float):
        yield _DISKS.get(disk, ""), count * float(gb)
    yield "INSTANCES", count
