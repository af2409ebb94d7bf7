"""Whether ranges have room for what they are for: nodes, pods and Services of a cluster.

https://cloud.google.com/kubernetes-engine/docs/concepts/alias-ips#cluster_sizing: 110 pods a node take a /24 each; a
range of Services has at least 32 addresses; four addresses of a subnet are Google's own.
"""

import ipaddress
from itertools import combinations
from typing import Any

from rehearsal.cloud.google import cluster_limits
from rehearsal.cloud.google.request import Request
from rehearsal.protocol.walk import first

_OF_A_NODE = 24
"""The size of the range that the pods of one node get."""
_SERVICES = 27
"""The smallest range of Services."""


def own_ranges_overlap(request: Request) -> None:
    """A subnet's ranges do not overlap each other, either."""
    named = [("primary", request.get("ip_cidr_range"))]
    named += [(each["range_name"], each["ip_cidr_range"]) for each in request.get("secondary_ip_range") or []]
    parsed = [(name, ipaddress.ip_network(str(block), strict=False)) for name, block in named if isinstance(block, str)]
    for (one, block), (other, another) in combinations(parsed, 2):
        if block.overlaps(another):
            raise request.refuse(
                f"googleapi: Error 400: Invalid IPCidrRange: {another} ({other}) conflicts with {block} ({one}) of the "
                "same subnetwork., invalid",
                path=("secondary_ip_range",),
            )


def services_fit(request: Request) -> None:
    found = _range(request, request.state, "services_secondary_range_name")
    if found and found.prefixlen > _SERVICES:
        raise request.refuse(
            f"googleapi: Error 400: Services range {found} is too small: at least a /{_SERVICES}., badRequest",
            path=("ip_allocation_policy", 0, "services_secondary_range_name"),
        )


def nodes_fit(request: Request) -> None:
    """Pools that outgrow the ranges are made, and stop growing (IP_SPACE_EXHAUSTED)."""
    cluster = _cluster(request)
    if cluster is None:
        return
    name = str(request.get("cluster", "")).rsplit("/", 1)[-1]
    all_pools = [
        each.state
        for each in request.cloud.all("google_container_node_pool", request.project)
        if each.key != request.key and str(each.state["cluster"]).rsplit("/", 1)[-1] == name
    ]
    most = sum(cluster_limits.nodes(each) for each in [*all_pools, request.state])
    pods = _range(request, cluster, "cluster_secondary_range_name")
    primary = _primary(request, cluster)
    for what, room in (
        ("pods", 2 ** max(0, _OF_A_NODE - pods.prefixlen) if pods else None),
        ("nodes", primary.num_addresses - 4 if primary else None),
    ):
        if room is not None and most > room:
            request.cloud.note(
                f"{request.key.id}: the pools may grow to {most} nodes, and the range of {what} has room for {room}: "
                "they stop growing there (IP_SPACE_EXHAUSTED)"
            )


def _cluster(request: Request) -> dict[str, Any] | None:
    name = str(request.get("cluster", "")).rsplit("/", 1)[-1]
    clusters = (each.state for each in request.cloud.all("google_container_cluster", request.project))
    return next((each for each in clusters if each["name"] == name), None)


def _subnet(request: Request, cluster: dict[str, Any]) -> dict[str, Any] | None:
    name = str(cluster.get("subnetwork")).rsplit("/", 1)[-1]
    region = "-".join(str(cluster.get("location")).split("-")[:2])
    subnets = (each.state for each in request.cloud.all("google_compute_subnetwork"))
    return next((each for each in subnets if each["name"] == name and each.get("region") == region), None)


def _range(request: Request, cluster: dict[str, Any], path: str) -> Any:
    subnet, name = _subnet(request, cluster), first(cluster, f"ip_allocation_policy.{path}")
    for each in (subnet or {}).get("secondary_ip_range") or []:
        if each["range_name"] == name:
            return ipaddress.ip_network(each["ip_cidr_range"], strict=False)
    return None


def _primary(request: Request, cluster: dict[str, Any]) -> Any:
    subnet = _subnet(request, cluster)
    return ipaddress.ip_network(subnet["ip_cidr_range"], strict=False) if subnet else None
