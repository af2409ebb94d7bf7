"""A pool of nodes with GPUs that costs nothing while no task needs one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdktf_cdktf_provider_google import container_node_pool as gke
from constructs import Construct

from metaflow_gcp import names
from metaflow_gcp.checks import Checks, is_token
from metaflow_gcp.google.gke import _node_config, gpu_machines, gpu_rules, machine_types, pool_rules
from metaflow_gcp.google.gke.gpu_rules import GpuSharing, Reservation, SecondaryBootDisk
from metaflow_gcp.google.gke.node_pool import Cluster
from metaflow_gcp.google.requirements import Quota, Requirements


@dataclass(frozen=True, kw_only=True)
class GpuNodePoolProps:
    """Raises `InvalidProperties` with everything that is wrong; the rules are in `gpu_rules`."""

    cluster: Cluster
    """The cluster that the pool joins."""
    name: str
    """Up to 40 of a-z, 0-9 and -, a letter first. Changing it replaces the pool."""
    machine_type: str
    """One with GPUs, such as `g2-standard-12`: type and number of GPUs, disk and quota follow from it. Or an `n1`, with
    `gpu_type`. https://cloud.google.com/compute/docs/gpus"""
    service_account: str
    """Email of the nodes' own service account; the Compute Engine default account is refused.
    https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster#use_least_privilege_sa"""
    zones: tuple[str, ...]
    """Zones of the cluster's region that have this GPU: often some of them only.
    https://cloud.google.com/compute/docs/regions-zones/gpu-regions-zones"""
    max_nodes: int
    """Nodes at most, in all zones together: 1 to 1000 for each zone."""
    min_nodes: int = 0
    """Nodes at least, in all zones together: 0 (costs nothing while idle) to `max_nodes`; 0 with `flex_start`."""
    gpu_type: str | None = None
    """For an `n1`: `nvidia-tesla-t4`, `nvidia-tesla-v100`, `nvidia-tesla-p4` or `nvidia-tesla-p100`. For a machine type
    that the catalogue does not have: its GPU, as in `gcloud compute accelerator-types list`."""
    gpu_count: int | None = None
    """For an `n1`: GPUs per node, 1 by default; which numbers there are depends on the type. For a machine type that
    the catalogue does not have: its number of GPUs."""
    gpu_quota_metric: str | None = None
    """For a GPU whose metric the catalogue does not have: the regional quota that it draws on, such as
    `NVIDIA_L4_GPUS`; `PREEMPTIBLE_` is added for Spot and flex-start. Default: the catalogue's, or none is required."""
    driver_version: str = "DEFAULT"
    """The NVIDIA driver that GKE installs: `DEFAULT` or `LATEST` of the node's GKE version. Changing it replaces the
    pool."""
    spot: bool = False
    """Spot VMs: much cheaper, and taken away at any time with 30 seconds' notice. Use `@retry`."""
    flex_start: bool = False
    """Wait for capacity, then keep it undisturbed for up to 7 days; discounted. Needs GKE 1.32.2-gke.1652000 or later.
    Not with `spot`, a reservation or `min_nodes`.
    https://cloud.google.com/kubernetes-engine/docs/concepts/dws"""
    max_run_duration_seconds: int | None = None
    """With `flex_start`: seconds after which a node goes, 600 to 604800; 7 days by default."""
    reservation: Reservation | None = None
    """Reserved capacity to use. By default that of any matching reservation that is open to all.
    https://cloud.google.com/kubernetes-engine/docs/how-to/consuming-reservations"""
    sharing: GpuSharing | None = None
    """Several containers on one GPU, or on each of its partitions. By default a container has its GPUs for itself."""
    partition_size: str | None = None
    """Divide each GPU in hardware (MIG): `1g.5gb` and so on, by type of GPU. By default it is not divided.
    https://cloud.google.com/kubernetes-engine/docs/how-to/gpus-multi"""
    compact_placement: bool = False
    """Nodes close together, for training across nodes: L4, A100 and H100.
    https://cloud.google.com/kubernetes-engine/docs/how-to/compact-placement"""
    secondary_boot_disks: tuple[SecondaryBootDisk, ...] = ()
    """Disks with container images on them, so that nothing is pulled when a node starts."""
    disk_size_gb: int = 200
    """Boot disk in GB, 10 to 65536. GPU images are large, and each Metaflow task asks for 10 GB."""
    disk_type: str | None = None
    """`pd-balanced`, `pd-ssd`, `pd-standard` or `hyperdisk-balanced`. By default `pd-balanced`, or
    `hyperdisk-balanced` where the machine type takes nothing else (G4, A3 Ultra, A4)."""
    vcpus: int | None = None
    """vCPUs of a node, for a machine type whose name does not say them. Default: the machine type's."""
    memory_gb: int | None = None
    """Memory of a node in GB, for a machine type that is not known here. Default: the machine type's."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Kubernetes labels of the nodes, beside those that GKE sets (`cloud.google.com/gke-accelerator` and others)."""
    resource_labels: Mapping[str, str] = field(default_factory=dict)
    """Labels of the VMs and disks, for billing."""

    def __post_init__(self) -> None:
        checks = Checks()
        names.check(checks, "name", self.name, names.NODE_POOL)
        pool_rules.check_service_account(checks, self.service_account)
        gpu_rules.check_gpu_pool(
            checks,
            machine_type=self.machine_type,
            zones=self.zones,
            region=self.cluster.location,
            max_nodes=self.max_nodes,
            min_nodes=self.min_nodes,
            gpu_type=self.gpu_type,
            gpu_count=self.gpu_count,
            gpu_quota_metric=self.gpu_quota_metric,
            driver_version=self.driver_version,
            spot=self.spot,
            flex_start=self.flex_start,
            max_run_duration_seconds=self.max_run_duration_seconds,
            reservation=self.reservation,
            sharing=self.sharing,
            partition_size=self.partition_size,
            compact_placement=self.compact_placement,
            secondary_boot_disks=self.secondary_boot_disks,
            disk_size_gb=self.disk_size_gb,
            disk_type=self.disk_type,
            labels=self.labels,
            resource_labels=self.resource_labels,
            vcpus=self.vcpus,
            memory_gb=self.memory_gb,
        )
        checks.raise_if_any(f"GpuNodePool {self.name}")


class GpuNodePool(Construct):
    """Nodes with GPUs, from zero: they come when a task asks for a GPU and go when it is done.

    GKE keeps other pods off them by itself (the taint `nvidia.com/gpu`), and lets in what asks for a GPU: the taint is
    not set here, and flows need no toleration.
    """

    def __init__(self, scope: Construct, id_: str, props: GpuNodePoolProps) -> None:
        super().__init__(scope, id_)
        self._props = props
        found = gpu_machines.accelerators(props.machine_type, props.gpu_type, props.gpu_count, props.gpu_quota_metric)
        self._gpu = found.gpu if found else None
        # What only Terraform knows is passed on as it is.
        self._gpu_type = found.gpu.name if found else props.gpu_type or ""
        self._gpu_count = found.count if found else props.gpu_count or 1
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
            # GPUs are short: take them in whichever zone has them, and reservations first.
            location_policy="ANY",
            # Flex-start nodes are never replaced under a task: they end by themselves.
            auto_repair=not props.flex_start,
            upgrade_settings=_upgrade_settings(props),
            placement_policy=gke.ContainerNodePoolPlacementPolicy(type="COMPACT") if props.compact_placement else None,
            node_config=self._node_config(),
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
    def gpu_type(self) -> str:
        """Under the name of the node label `cloud.google.com/gke-accelerator`."""
        return self._gpu_type

    @property
    def gpu_count(self) -> int:
        """GPUs per node."""
        return self._gpu_count

    @property
    def gpu_quota_metric(self) -> str | None:
        """The regional metric for the GPUs. `None` is unknown: `requirements` then holds no regional quota for them."""
        if self._gpu is None:
            return None
        return self._gpu.quota_metric(spot=self._props.spot, flex_start=self._props.flex_start)

    @property
    def node_selector(self) -> dict[str, str]:
        """What a flow asks for to run here: `@kubernetes(gpu=1, node_selector=...)`."""
        props = self._props
        wanted = {"cloud.google.com/gke-accelerator": self._gpu_type}
        if props.spot:
            wanted["cloud.google.com/gke-spot"] = "true"
        if props.flex_start:
            wanted["cloud.google.com/gke-flex-start"] = "true"
        if props.partition_size:
            wanted["cloud.google.com/gke-gpu-partition-size"] = props.partition_size
        if props.sharing:
            strategy = {"TIME_SHARING": "time-sharing", "MPS": "mps"}.get(props.sharing.strategy)
            wanted["cloud.google.com/gke-gpu-sharing-strategy"] = strategy or props.sharing.strategy
            wanted["cloud.google.com/gke-max-shared-clients-per-gpu"] = str(props.sharing.max_clients)
        return wanted

    @property
    def requirements(self) -> Requirements:
        props = self._props
        nodes = pool_rules.node_quotas(
            machine_type=props.machine_type,
            zones=props.zones,
            min_nodes=props.min_nodes,
            max_nodes=props.max_nodes,
            disk_size_gb=props.disk_size_gb,
            disk_type=self._disk_type,
            vcpus=props.vcpus,
        )
        return Requirements(apis=_node_config.APIS, quotas=(*self._gpu_quotas(), *nodes))

    def _gpu_quotas(self) -> tuple[Quota, ...]:
        props = self._props
        if any(map(is_token, (self._gpu_count, props.min_nodes, props.max_nodes))):
            return ()
        at_start = self._gpu_count * pool_rules.nodes_at_start(props.min_nodes, props.max_nodes, props.zones)
        at_maximum = self._gpu_count * props.max_nodes
        metrics: list[tuple[str, str | None]] = [("GPUS_ALL_REGIONS", None)]
        region = pool_rules.region_of_zones(props.zones)
        if self.gpu_quota_metric and region:
            metrics.append((self.gpu_quota_metric, region))
        return tuple(
            Quota(metric=metric, region=where, at_start=at_start, at_maximum=at_maximum) for metric, where in metrics
        )

    def _node_config(self) -> gke.ContainerNodePoolNodeConfig:
        props = self._props
        return _node_config.node_config(
            machine_type=props.machine_type,
            disk_type=self._disk_type,
            disk_size_gb=props.disk_size_gb,
            service_account=props.service_account,
            spot=props.spot,
            labels=props.labels,
            resource_labels=props.resource_labels,
            guest_accelerator=[self._guest_accelerator()],
            flex_start=props.flex_start or None,
            max_run_duration=_seconds(props.max_run_duration_seconds),
            reservation_affinity=_reservation_affinity(props),
            secondary_boot_disks=[
                gke.ContainerNodePoolNodeConfigSecondaryBootDisks(
                    disk_image=disk.disk_image, mode="CONTAINER_IMAGE_CACHE"
                )
                for disk in props.secondary_boot_disks
            ]
            or None,
        )

    def _guest_accelerator(self) -> gke.ContainerNodePoolNodeConfigGuestAccelerator:
        props = self._props
        return gke.ContainerNodePoolNodeConfigGuestAccelerator(
            type=self._gpu_type,
            count=self._gpu_count,
            # Always said: what GKE does otherwise depends on its version, and without a driver there is no GPU.
            gpu_driver_installation_config=gke.ContainerNodePoolNodeConfigGuestAcceleratorGpuDriverInstallationConfig(
                gpu_driver_version=props.driver_version
            ),
            gpu_partition_size=props.partition_size,
            gpu_sharing_config=gke.ContainerNodePoolNodeConfigGuestAcceleratorGpuSharingConfig(
                gpu_sharing_strategy=props.sharing.strategy,
                max_shared_clients_per_gpu=props.sharing.max_clients,
            )
            if props.sharing
            else None,
        )


def _upgrade_settings(props: GpuNodePoolProps) -> gke.ContainerNodePoolUpgradeSettings | None:
    if props.flex_start:
        # GKE upgrades these nodes by not reusing them; there is nothing to set.
        # https://cloud.google.com/kubernetes-engine/docs/concepts/node-pool-upgrade-strategies#short-lived-upgrades
        return None
    # The old node goes first: a new one beside it would need a spare GPU in the quota and in the zone.
    return gke.ContainerNodePoolUpgradeSettings(max_surge=0, max_unavailable=1)


def _reservation_affinity(props: GpuNodePoolProps) -> gke.ContainerNodePoolNodeConfigReservationAffinity | None:
    if props.flex_start:
        # Flex-start draws on capacity of its own, and GKE insists that this is said.
        return gke.ContainerNodePoolNodeConfigReservationAffinity(consume_reservation_type="NO_RESERVATION")
    if props.reservation is None:
        return None
    named = props.reservation.names
    return gke.ContainerNodePoolNodeConfigReservationAffinity(
        consume_reservation_type=props.reservation.consume_reservation_type,
        key="compute.googleapis.com/reservation-name" if named else None,
        values=list(named) or None,
    )


def _seconds(duration: int | None) -> str | None:
    return None if duration is None else f"{duration}s"
