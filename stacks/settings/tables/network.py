"""The network: made by the platform, or one that is there."""

from metaflow_gcp import names
from metaflow_gcp.checks import Checks
from metaflow_gcp.google.network import cidrs
from stacks.settings.naming import PROJECT
from stacks.settings.tables.section import Section


class ExistingNetwork(Section):
    """A network that exists: a subnet in `region` with both secondary ranges and private Google access."""

    project: str | None = None
    """The project that holds the network, for a Shared VPC. Default: `project`."""
    network: str
    """The network's name."""
    subnetwork: str
    """The subnet's name."""
    pods_range: str
    """The name of the subnet's secondary range for pods."""
    services_range: str
    """The name of the subnet's secondary range for Kubernetes Services."""

    def check(self, checks: Checks) -> None:
        for key in ("network", "subnetwork", "pods_range", "services_range"):
            names.check(checks, key, getattr(self, key), names.RESOURCE)
        if self.project is not None:
            names.check(checks, "project", self.project, PROJECT)


class Network(Section):
    """The network of nodes, pods and the database. It cannot be changed without replacing the cluster."""

    nodes_cidr: str = "10.0.0.0/20"
    """Addresses of nodes, and the database's: a /20 has room for 4,091 nodes. Private: RFC 1918 or 100.64.0.0/10.
    Choose ranges that nothing connected to the network (offices, VPN, peered networks) uses."""
    pods_cidr: str = "10.4.0.0/14"
    """Addresses of pods, a /24 for each node: a /14 has room for 1,024 nodes. It cannot grow later.
    https://cloud.google.com/kubernetes-engine/docs/how-to/flexible-pod-cidr"""
    services_cidr: str = "10.8.0.0/20"
    """Addresses of Kubernetes Services: a /20 has 4,096. From /16 to /27."""
    flow_logs: bool = True
    """Record a sample of the connections in Cloud Logging, for finding out later who talked to whom."""
    existing: ExistingNetwork | None = None
    """Use a network that exists instead of making one; then none of the other keys. Default: make one."""

    def check(self, checks: Checks, *, max_nodes: int) -> None:
        if self.existing is None:
            cidrs.check_ranges(checks, nodes=self.nodes_cidr, pods=self.pods_cidr, services=self.services_cidr)
            cidrs.check_room(checks, nodes=self.nodes_cidr, pods=self.pods_cidr, node_count=max_nodes)
            return
        for key in sorted(self.model_fields_set - {"existing"}):
            checks.add(
                key,
                wrong=f"{getattr(self, key)!r} is given together with network.existing",
                allowed="either network.existing or the ranges of a new network",
                fix=f"remove network.{key}: an existing network has its own",
            )
        with checks.within("existing") as inner:
            self.existing.check(inner)
