"""A pool of nodes without GPUs: for the platform's services, or for tasks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cdktf_cdktf_provider_google import container_node_pool as gke
from constructs import Construct

from metaflow_gcp import labels, names
from metaflow_gcp.checks import Checks
from metaflow_gcp.google.gke import _node_config, machine_types, pool_rules
from metaflow_gcp.google.requirements import Requirements
from metaflow_gcp.kubernetes.placement import Taint


class Cluster(Protocol):
    """The GKE cluster that a pool joins: one of this library, or one that is there already."""

    @property
    def name(self) -> str: ...
    @property
    def location(self) -> str:
        """A region or a zone."""

    @property
    def project(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class NodePoolProps:
    """Raises `InvalidProperties` with everything that is wrong."""

    cluster: Cluster
    """The cluster that the pool joins."""
    name: str
    """Up to 40 of a-z, 0-9 and -, a letter first. Changing it replaces the pool."""
    machine_type: str
    """Such as `e2-standard-4`; one without GPUs."""
    service_account: str
    """Email of the nodes' own service account; the Compute Engine default account is refused.
    https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster#use_least_privilege_sa"""
    zones: tuple[str, ...]
    """Zones of the cluster's region, one or more: the pool's size is counted over all of them."""
    max_nodes: int
    """Nodes at most, in all zones together: 1 to 1000 for each zone."""
    min_nodes: int = 0
    """Nodes at least, in all zones together: 0 (costs nothing while idle) to `max_nodes`.
    A new pool starts with this, rounded up to whole zones, and shrinks to it."""
    spot: bool = False
    """Spot VMs: much cheaper, and taken away at any time with 30 seconds' notice. Use `@retry`."""
    disk_size_gb: int = 100
    """Boot disk in GB, 10 to 65536. A Metaflow task asks for 10 GB of it unless it says otherwise."""
    disk_type: str | None = None
    """`pd-balanced`, `pd-ssd`, `pd-standard` or `hyperdisk-balanced`. By default `pd-balanced`, or
    `hyperdisk-balanced` where the machine type takes nothing else."""
    vcpus: int | None = None
    """vCPUs of a node, for a machine type whose name does not say them. Default: the machine type's."""
    memory_gb: int | None = None
    """Memory of a node in GB, for a machine type that is not known here. Default: the machine type's."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Kubernetes labels of the nodes, for node selectors."""
    taints: tuple[Taint, ...] = ()
    """Only pods that tolerate all of them run here."""
    resource_labels: Mapping[str, str] = field(default_factory=dict)
    """Labels of the VMs and disks, for billing."""

    def __post_init__(self) -> None:
        checks = Checks()
        names.check(checks, "name", self.name, names.NODE_POOL)
        pool_rules.check_machine_type_without_gpus(checks, self.machine_type)
        pool_rules.check_service_account(checks, self.service_account)
        pool_rules.check(
            checks,
            machine_type=self.machine_type,
            zones=self.zones,
            region=self.cluster.location,
            min_nodes=self.min_nodes,
            max_nodes=self.max_nodes,
            disk_size_gb=self.disk_size_gb,
            disk_type=self.disk_type,
            node_labels=self.labels,
            resource_labels=self.resource_labels,
            vcpus=self.vcpus,
            memory_gb=self.memory_gb,
        )
        for index, taint in enumerate(self.taints):
            labels.check_taint(checks, f"taints[{index}]", key=taint.key, value=taint.value, effect=taint.effect)
        checks.raise_if_any(f"NodePool {self.name}")


class NodePool(Construct):
    """Nodes that come and go with the pods that need them."""

    def __init__(self, scope: Construct, id_: str, props: NodePoolProps) -> None:
        super().__init__(scope, id_)
        self._props = props
        self._disk_type = props.disk_type or machine_types.default_disk_type(props.machine_type)
        self._pool = _node_config.node_pool(
            self,
            project=props.cluster.project,
            cluster=props.cluster.name,
            location=props.cluster.location,
            name=props.name,
            zones=props.zones,
            min_nodes=props.min_nodes,
            max_nodes=props.max_nodes,
            # Spot capacity is taken where there is most of it; other nodes are spread, in case a zone fails.
            location_policy="ANY" if props.spot else "BALANCED",
            auto_repair=True,
            # A new node first, then the old one goes: nothing runs on less than before.
            upgrade_settings=gke.ContainerNodePoolUpgradeSettings(max_surge=1, max_unavailable=0),
            node_config=_node_config.node_config(
                machine_type=props.machine_type,
                disk_type=self._disk_type,
                disk_size_gb=props.disk_size_gb,
                service_account=props.service_account,
                spot=props.spot,
                labels=props.labels,
                resource_labels=props.resource_labels,
                taints=props.taints,
            ),
        )

    @property
    def name(self) -> str:
        return self._pool.name

    @property
    def machine_type(self) -> str:
        return self._props.machine_type

    @property
    def max_nodes(self) -> int:
        return self._props.max_nodes

    @property
    def node_selector(self) -> dict[str, str]:
        """What a pod asks for to land here: the pool's labels, and Spot if it is that."""
        return {**self._props.labels, **({"cloud.google.com/gke-spot": "true"} if self._props.spot else {})}

    @property
    def requirements(self) -> Requirements:
        return Requirements(
            apis=_node_config.APIS,
            quotas=pool_rules.node_quotas(
                machine_type=self._props.machine_type,
                zones=self._props.zones,
                min_nodes=self._props.min_nodes,
                max_nodes=self._props.max_nodes,
                disk_size_gb=self._props.disk_size_gb,
                disk_type=self._disk_type,
                vcpus=self._props.vcpus,
            ),
        )
