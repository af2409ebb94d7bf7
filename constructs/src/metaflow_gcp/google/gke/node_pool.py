"""A pool of nodes without GPUs: for the platform's services, or for tasks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cdktf_cdktf_provider_google import container_node_pool as gke
from constructs import Construct

from metaflow_gcp import labels, names
from metaflow_gcp.checks import Checks
from metaflow_gcp.google.gke import _node_config, machine_types, pool_rules
from metaflow_gcp.google.gke.pool_rules import NodePoolChoices
from metaflow_gcp.google.requirements import Requirements


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
class PoolProps:
    """What every pool is wired to."""

    cluster: Cluster
    """The cluster that the pool joins."""
    name: str
    """Up to 40 of a-z, 0-9 and -, a letter first. Changing it replaces the pool."""
    service_account: str
    """Email of the nodes' own service account; the Compute Engine default account is refused.
    https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster#use_least_privilege_sa"""
    zones: tuple[str, ...]
    """Zones of the cluster's region that have these machines, one or more: the pool's size is counted over all of them.
    GPUs are often in some of them only: https://cloud.google.com/compute/docs/regions-zones/gpu-regions-zones"""
    resource_labels: Mapping[str, str] = field(default_factory=dict)
    """Labels of the VMs and disks, for billing."""

    def check_wiring(self, checks: Checks) -> None:
        names.check(checks, "name", self.name, names.NODE_POOL)
        pool_rules.check_service_account(checks, self.service_account)
        labels.check_resource_labels(checks, "resource_labels", self.resource_labels)


@dataclass(frozen=True, kw_only=True)
class NodePoolProps(PoolProps, NodePoolChoices):
    """Raises `InvalidProperties` with everything that is wrong; the rules are in `pool_rules`."""

    def __post_init__(self) -> None:
        checks = Checks()
        self.check_wiring(checks)
        self.check(checks, zones=self.zones, region=self.cluster.location)
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
