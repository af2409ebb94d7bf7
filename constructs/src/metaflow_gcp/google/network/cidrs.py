"""Address ranges: what the network's ranges must satisfy together. Needs no Node."""

from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from itertools import combinations

from metaflow_gcp.checks import Checks, is_token

PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
"""RFC 1918, and RFC 6598's shared space: https://cloud.google.com/vpc/docs/subnets#valid-ranges"""

_PRIVATE_IN_WORDS = "a range within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10"
_RESERVED_IN_A_SUBNET = 4
"""Network, gateway, second-to-last, broadcast: https://cloud.google.com/vpc/docs/subnets#unusable-ip-addresses-in-every-subnet"""
_ADDRESSES_OF_OURS = 1
"""The database's, in the nodes' subnet."""
_PODS_ADDRESSES_PER_NODE = 256
"""GKE gives each node a /24 at its default of 110 pods a node:
https://cloud.google.com/kubernetes-engine/docs/how-to/flexible-pod-cidr"""
_SERVICES_PREFIXES = (16, 27)
"""https://cloud.google.com/kubernetes-engine/docs/concepts/alias-ips#cluster_sizing_secondary_range_svcs"""


def parse(checks: Checks, where: str, cidr: str) -> IPv4Network | None:
    """The range, or `None` where Terraform only knows it later or it is wrong (a problem is added then)."""
    if is_token(cidr):
        return None
    allowed = "an IPv4 range in CIDR notation, as 10.0.0.0/20"
    try:
        network = IPv4Network(cidr, strict=False)
    except (AddressValueError, NetmaskValueError, ValueError):
        checks.add(where, wrong=f"{cidr!r} is not a range of addresses", allowed=allowed, fix=f"correct {where}")
        return None
    if str(network) != cidr:
        # A bare address, a netmask spelled out, or host bits: Google refuses each of them or writes it differently.
        checks.add(where, wrong=f"{cidr!r} is not written as its range", allowed=allowed, fix=f'write "{network}"')
        return None
    return network


def check_ranges(checks: Checks, *, nodes: str, pods: str, services: str) -> None:
    """The ranges of a network's subnet: valid, private, apart from each other."""
    networks = _parse_all(checks, {"nodes_cidr": nodes, "pods_cidr": pods, "services_cidr": services})
    for where, network in networks.items():
        if not any(network.subnet_of(private) for private in PRIVATE):
            checks.add(
                where,
                wrong=f"'{network}' is not a private range",
                allowed=_PRIVATE_IN_WORDS,
                fix=f"choose a private range for {where}",
            )
    for (where, network), (other_where, other) in combinations(networks.items(), 2):
        if network.overlaps(other):
            checks.add(
                other_where,
                wrong=f"'{other}' overlaps {where} ('{network}')",
                allowed="three ranges without a common address",
                fix=f"move {other_where} or {where} elsewhere",
            )
    services_network = networks.get("services_cidr")
    if services_network is not None:
        largest, smallest = _SERVICES_PREFIXES
        if not largest <= services_network.prefixlen <= smallest:
            checks.add(
                "services_cidr",
                wrong=f"'{services_network}' is a /{services_network.prefixlen}",
                allowed=f"/{largest} (65,536 services) to /{smallest} (32 services)",
                fix="choose a /20, enough for 4,096 services",
            )


def check_room(checks: Checks, *, nodes: str, pods: str, node_count: int) -> None:
    """Whether `node_count` nodes fit: an address each in `nodes`, a /24 each in `pods`. Passes over wrong ranges."""
    ignored = Checks()
    nodes_network, pods_network = parse(ignored, "nodes", nodes), parse(ignored, "pods", pods)
    if nodes_network is not None:
        taken = _RESERVED_IN_A_SUBNET + _ADDRESSES_OF_OURS
        room = max(nodes_network.num_addresses - taken, 0)
        if room < node_count:
            checks.add(
                "nodes_cidr",
                wrong=f"'{nodes_network}' has addresses for {room} nodes; the pools may grow to {node_count}",
                allowed=f"/{_prefix_for(node_count + taken)} or larger",
                fix="enlarge nodes_cidr, or lower the pools' max_nodes",
            )
    if pods_network is not None:
        room = pods_network.num_addresses // _PODS_ADDRESSES_PER_NODE
        if room < node_count:
            checks.add(
                "pods_cidr",
                wrong=f"'{pods_network}' has a /24 for each of {room} nodes; the pools may grow to {node_count}",
                allowed=f"/{_prefix_for(node_count * _PODS_ADDRESSES_PER_NODE)} or larger",
                fix="enlarge pods_cidr, or lower the pools' max_nodes",
            )


def check_authorized(checks: Checks, where: str, networks: Mapping[str, str]) -> None:
    """Who may reach the control plane's IP endpoint: a display name and a range each; not the whole internet."""
    for name, cidr in networks.items():
        entry = f"{where}.{name}"
        network = parse(checks, entry, cidr)
        if network is not None and network.prefixlen == 0:
            checks.add(
                entry,
                wrong=f"'{network}' lets the whole internet reach the control plane",
                allowed="the ranges of your offices, VPN or build machines",
                fix=f"narrow {entry}, or remove it: kubectl works through the DNS endpoint without it",
            )


def _parse_all(checks: Checks, cidrs: Mapping[str, str]) -> dict[str, IPv4Network]:
    parsed = {where: parse(checks, where, cidr) for where, cidr in cidrs.items()}
    return {where: network for where, network in parsed.items() if network is not None}


def _prefix_for(addresses: int) -> int:
    """The smallest range that holds so many addresses: 17 of them take a /27."""
    return 32 - (addresses - 1).bit_length()
