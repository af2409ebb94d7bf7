"""The node pool as both kinds of pools have it: hardened, autoscaled, repaired and upgraded by GKE."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from cdktf import Fn, TerraformResourceLifecycle
from cdktf_cdktf_provider_google import container_node_pool as gke
from constructs import Construct

from metaflow_gcp import labels, names
from metaflow_gcp.checks import Checks
from metaflow_gcp.google.gke import machine_types, pool_rules
from metaflow_gcp.google.gke.auto_provisioning import SCOPE
from metaflow_gcp.google.gke.pool_rules import TaskPoolChoices
from metaflow_gcp.google.requirements import Requirements
from metaflow_gcp.properties import Properties

APIS = frozenset(
    {
        "compute.googleapis.com",
        "container.googleapis.com",
        "containerfilesystem.googleapis.com",  # image streaming
    }
)


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
class PoolProps(TaskPoolChoices, Properties):
    """What every pool is wired to."""

    cluster: Cluster
    """The cluster that the pool joins."""
    name: Annotated[str, names.NODE_POOL]
    """Up to 40 of a-z, 0-9 and -, a letter first. Changing it replaces the pool."""
    service_account: str
    """Email of the nodes' own service account; the Compute Engine default account is refused.
    https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster#use_least_privilege_sa"""
    zones: tuple[str, ...]
    """Zones of the cluster's region that have these machines, one or more: the pool's size is counted over all of them.
    GPUs are often in some of them only: https://cloud.google.com/compute/docs/regions-zones/gpu-regions-zones"""
    resource_labels: Mapping[str, str] = field(default_factory=dict)
    """Labels of the VMs and disks, for billing."""

    def _check(self, checks: Checks) -> None:
        pool_rules.check_service_account(checks, self.service_account)
        labels.check_resource_labels(checks, "resource_labels", self.resource_labels)
        self.check(checks, zones=self.zones, region=self.cluster.location)

    @property
    def _owner(self) -> str:
        return f"{super()._owner} {self.name}"


class Pool(Construct):
    """Nodes that come and go with the pods that need them."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        props: PoolProps,
        *,
        location_policy: str,
        auto_repair: bool,
        upgrade_settings: gke.ContainerNodePoolUpgradeSettings | None,
        placement_policy: gke.ContainerNodePoolPlacementPolicy | None = None,
        node: Mapping[str, Any],
    ) -> None:
        """`node`: what its nodes have beside what those of every pool have."""
        super().__init__(scope, id_)
        self._pool_props = props
        self._disk_type = props.disk_type or machine_types.default_disk_type(props.machine_type)
        self._pool = gke.ContainerNodePool(
            self,
            "pool",
            project=props.cluster.project,
            cluster=props.cluster.name,
            location=props.cluster.location,
            name=props.name,
            node_locations=list(props.zones),
            # In each zone: without it GKE starts with one node per zone, billed at once.
            initial_node_count=pool_rules.initial_nodes_per_zone(props.min_nodes, props.max_nodes, props.zones),
            autoscaling=gke.ContainerNodePoolAutoscaling(
                # Totals: limits per zone would multiply with the number of zones.
                total_min_node_count=props.min_nodes,
                total_max_node_count=props.max_nodes,
                location_policy=location_policy,
            ),
            management=gke.ContainerNodePoolManagement(auto_repair=auto_repair, auto_upgrade=True),
            upgrade_settings=upgrade_settings,
            placement_policy=placement_policy,
            node_config=_node_config(props, self._disk_type, node),
            lifecycle=TerraformResourceLifecycle(
                # It counts at creation only; afterwards a change of min_nodes or zones would replace the whole pool.
                ignore_changes=["initial_node_count"]
            ),
        )

    @property
    def name(self) -> str:
        return self._pool.name

    @property
    def machine_type(self) -> str:
        return self._pool_props.machine_type

    @property
    def max_nodes(self) -> int:
        return self._pool_props.max_nodes

    @property
    def instance_groups(self) -> list[str]:
        """The self links of the groups that its nodes are in, one for each zone, for a load balancer."""
        # In the order of their names: GKE promises none, and the place of each is its name in Terraform's state.
        groups = Fn.sort(self._pool.managed_instance_group_urls)
        return [Fn.element(groups, index) for index in range(len(self._pool_props.zones))]

    @property
    def requirements(self) -> Requirements:
        return Requirements(
            apis=APIS, quotas=pool_rules.node_quotas(self._pool_props, self._pool_props.zones, self._disk_type)
        )


def _node_config(props: PoolProps, disk_type: str, node: Mapping[str, Any]) -> gke.ContainerNodePoolNodeConfig:
    return gke.ContainerNodePoolNodeConfig(
        machine_type=props.machine_type,
        disk_type=disk_type,
        disk_size_gb=props.disk_size_gb,
        spot=props.spot or None,
        labels=dict(props.labels) or None,
        resource_labels=dict(props.resource_labels) or None,
        # Google's own read-only system; image streaming and GKE's GPU drivers need it.
        image_type="COS_CONTAINERD",
        # An account of its own: the default one is usually an Editor of the project, or disabled.
        service_account=props.service_account,
        # Access is limited by that account's roles; a second, coarser limit only makes calls fail in odd ways.
        oauth_scopes=[SCOPE],
        shielded_instance_config=gke.ContainerNodePoolNodeConfigShieldedInstanceConfig(
            # Only signed code starts. The NVIDIA drivers that GKE installs on this system are signed:
            # https://cloud.google.com/container-optimized-os/docs/how-to/run-gpus#security
            enable_secure_boot=True,
            # A change of what starts is seen in Cloud Logging.
            enable_integrity_monitoring=True,
        ),
        # Pods get their own identity (Workload Identity) and cannot take the node's.
        workload_metadata_config=gke.ContainerNodePoolNodeConfigWorkloadMetadataConfig(mode="GKE_METADATA"),
        # The metadata server's old endpoints answer without the header that guards against forged requests.
        metadata={"disable-legacy-endpoints": "true"},
        kubelet_config=gke.ContainerNodePoolNodeConfigKubeletConfig(
            # The kubelet's port without authentication.
            insecure_kubelet_readonly_port_enabled="FALSE",
            # The provider sends false when this is left out of the block, which takes the CPU limits off all pods.
            cpu_cfs_quota=True,
        ),
        # Containers start before the whole image is there: GPU images have many gigabytes, and the node is paid for.
        gcfs_config=gke.ContainerNodePoolNodeConfigGcfsConfig(enabled=True),
        # Faster network at no cost; many machine types with GPUs have no other.
        gvnic=gke.ContainerNodePoolNodeConfigGvnic(enabled=True),
        **node,
    )
