"""A pool of nodes with GPUs that costs nothing while no task needs one."""

from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_google import container_node_pool as gke
from constructs import Construct

from metaflow_gcp.checks import is_token
from metaflow_gcp.google.gke import gpu_machines, pool_rules
from metaflow_gcp.google.gke._pool import Pool, PoolProps
from metaflow_gcp.google.gke.gpu_rules import GpuNodePoolChoices
from metaflow_gcp.google.requirements import Quota, Requirements


@dataclass(frozen=True, kw_only=True)
class GpuNodePoolProps(GpuNodePoolChoices, PoolProps):
    """Raises `InvalidProperties` with everything that is wrong; the rules are in `gpu_rules`."""


class GpuNodePool(Pool):
    """Nodes with GPUs, from zero: they come when a task asks for a GPU and go when it is done.

    GKE keeps other pods off them by itself (the taint `nvidia.com/gpu`), and lets in what asks for a GPU: the taint is
    not set here, and flows need no toleration.
    """

    def __init__(self, scope: Construct, id_: str, props: GpuNodePoolProps) -> None:
        self._props = props
        found = gpu_machines.accelerators(props.machine_type, props.gpu_type, props.gpu_count, props.gpu_quota_metric)
        self._gpu = found.gpu if found else None
        # What only Terraform knows is passed on as it is.
        self._gpu_type = found.gpu.name if found else props.gpu_type or ""
        self._gpu_count = found.count if found else props.gpu_count or 1
        super().__init__(
            scope,
            id_,
            props,
            # GPUs are short: take them in whichever zone has them, and reservations first.
            location_policy="ANY",
            # Flex-start nodes are never replaced under a task: they end by themselves.
            auto_repair=not props.flex_start,
            upgrade_settings=_upgrade_settings(props),
            placement_policy=gke.ContainerNodePoolPlacementPolicy(type="COMPACT") if props.compact_placement else None,
            node=self._node(),
        )

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
        nodes = super().requirements
        return Requirements(apis=nodes.apis, quotas=(*self._gpu_quotas(), *nodes.quotas))

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

    def _node(self) -> dict[str, Any]:
        props = self._props
        return {
            "guest_accelerator": [self._guest_accelerator()],
            "flex_start": props.flex_start or None,
            "max_run_duration": _seconds(props.max_run_duration_seconds),
            "reservation_affinity": _reservation_affinity(props),
            "secondary_boot_disks": [
                gke.ContainerNodePoolNodeConfigSecondaryBootDisks(
                    disk_image=disk.disk_image, mode="CONTAINER_IMAGE_CACHE"
                )
                for disk in props.secondary_boot_disks
            ]
            or None,
        }

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
