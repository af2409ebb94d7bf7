"""GPU pools: what a person chooses about them, and every rule about what fits together. Needs no Node.

checks = Checks()
pool = GpuNodePoolChoices(machine_type="g2-standard-12", max_nodes=5)
pool.check(checks, zones=("us-central1-a",), region="us-central1")
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le, Unit

from metaflow_gcp.checks import Checks, is_token
from metaflow_gcp.choices import check_each
from metaflow_gcp.google.gke import gpu_catalogue, gpu_machines
from metaflow_gcp.google.gke.gpu_catalogue import Gpu
from metaflow_gcp.google.gke.pool_rules import TaskPoolChoices

_DISK_IMAGE = r"(https://www\.googleapis\.com/compute/v1/)?(projects/[^/]+/)?global/images/[^/]+"


@dataclass(frozen=True, kw_only=True)
class GpuSharing:
    """Several tasks on one GPU; on a partitioned GPU, several on each partition: GKE recommends the two together.

    https://cloud.google.com/kubernetes-engine/docs/concepts/timesharing-gpus
    """

    strategy: Literal["TIME_SHARING", "MPS"] = "TIME_SHARING"
    """TIME_SHARING: in turns, without a limit on memory. MPS: at once, each with its share of the memory."""
    max_clients: Annotated[int, Ge(2), Le(48), Unit("containers per GPU")] = 2
    """Tasks on one GPU, or on one partition, at most: 2 to 48, for time-sharing and for MPS."""


@dataclass(frozen=True, kw_only=True)
class Reservation:
    """Capacity that was reserved in Compute Engine."""

    consume_reservation_type: Literal["SPECIFIC_RESERVATION", "ANY_RESERVATION", "NO_RESERVATION"] = (
        "SPECIFIC_RESERVATION"
    )
    """SPECIFIC_RESERVATION: those named. ANY_RESERVATION: whatever fits. NO_RESERVATION: none."""
    names: tuple[str, ...] = ()
    """With SPECIFIC_RESERVATION: a reservation's name, or projects/PROJECT/reservations/NAME of another project's."""


@dataclass(frozen=True, kw_only=True)
class SecondaryBootDisk:
    """Container images that every node has on a disk from the start.

    https://cloud.google.com/kubernetes-engine/docs/how-to/data-container-image-preloading
    """

    disk_image: str
    """`projects/PROJECT/global/images/IMAGE`"""


@dataclass(frozen=True, kw_only=True)
class GpuNodePoolChoices(TaskPoolChoices):
    """Nodes with GPUs. The GPU follows from the machine type; GKE installs the driver."""

    machine_type: str
    """g2-*, a2-*, a3-*, a4-*, g4-* with their GPUs, or n1-* together with gpu_type.
    https://cloud.google.com/compute/docs/gpus"""
    max_nodes: Annotated[int, Ge(1), Unit("nodes, over all zones")]
    """Nodes at most, over all zones. The quota of the GPU must allow for it."""
    disk_size_gb: Annotated[int, Ge(10), Le(65536), Unit("GB")] = 200
    """Each node's boot disk, in GB: 10 to 65536. GPU images are large, and a larger disk is a faster one."""
    gpu_type: str | None = None
    """With n1-*: nvidia-tesla-t4, -v100, -p4 or -p100. With a machine type that is newer than this release: its GPU, as
    in gcloud compute accelerator-types list. Default: the machine type's own."""
    gpu_count: int | None = None
    """With n1-*: GPUs of a node, in the numbers that are sold. With a machine type that is newer than this release: its
    number of GPUs. Default: the machine type's own; 1 with n1-*."""
    gpu_quota_metric: str | None = None
    """With a GPU whose metric is not known: the regional quota that it draws on, such as NVIDIA_L4_GPUS; PREEMPTIBLE_
    is added for Spot and flex-start. Default: the GPU's own; where that is not known, no quota is checked."""
    driver_version: Literal["DEFAULT", "LATEST"] = "DEFAULT"
    """DEFAULT or LATEST for the node's GKE version. A change replaces the pool."""
    flex_start: bool = False
    """Wait for capacity, then run undisturbed for up to seven days; discounted. Not with spot, reserved capacity or
    min_nodes. Needs GKE 1.32.2-gke.1652000 or later. https://cloud.google.com/kubernetes-engine/docs/concepts/dws"""
    max_run_duration_seconds: Annotated[int, Ge(600), Le(604800), Unit("seconds")] | None = None
    """With flex_start: seconds after which a node goes, 600 to 604800. Default: seven days.
    https://cloud.google.com/compute/docs/instances/about-flex-start-vms"""
    sharing: GpuSharing | None = None
    """Several tasks on one GPU, or on each of its partitions. Default: each GPU has one."""
    partition_size: str | None = None
    """Cut each GPU into partitions of this size (MIG), such as 1g.5gb of an A100. Default: whole GPUs.
    https://cloud.google.com/kubernetes-engine/docs/how-to/gpus-multi"""
    compact_placement: bool = False
    """Place nodes close together, for training across nodes: L4, A100 and H100.
    https://cloud.google.com/kubernetes-engine/docs/how-to/compact-placement"""
    reservation: Reservation | None = None
    """Use capacity that was reserved. Default: on demand, from any matching reservation that is open to all.
    https://cloud.google.com/kubernetes-engine/docs/how-to/consuming-reservations"""
    secondary_boot_disks: tuple[SecondaryBootDisk, ...] = ()
    """Disks with images on them, so that large ones need not be pulled. Default: none."""

    def check(self, checks: Checks, *, zones: Sequence[str], region: str | None) -> None:
        super().check(checks, zones=zones, region=region)
        found = gpu_machines.check(checks, self.machine_type, self.gpu_type, self.gpu_count, self.gpu_quota_metric)
        _check_way_to_buy(checks, self)
        if self.max_run_duration_seconds is not None and not self.flex_start:
            checks.add(
                "max_run_duration_seconds",
                wrong=f"{self.max_run_duration_seconds} is given for a pool without flex-start",
                allowed="only together with flex_start",
                fix="set flex_start, or remove max_run_duration_seconds",
            )
        if self.flex_start and not is_token(self.min_nodes) and self.min_nodes > 0:
            checks.add(
                "min_nodes",
                wrong=f"{self.min_nodes} nodes would have to be there always, but flex-start nodes come for waiting "
                "pods only",
                allowed="0",
                fix="set min_nodes to 0, or remove flex_start",
            )
        if self.reservation:
            with checks.within("reservation") as inner:
                _check_reservation(inner, self.reservation)
        if self.sharing:
            with checks.within("sharing") as inner:
                check_each(inner, self.sharing)
        if found:
            _check_partition_size(checks, found.gpu, self.partition_size)
            _check_placement(checks, found.gpu, compact_placement=self.compact_placement)
        for index, disk in enumerate(self.secondary_boot_disks):
            where = f"secondary_boot_disks[{index}].disk_image"
            checks.matches(where, disk.disk_image, _DISK_IMAGE, "projects/PROJECT/global/images/IMAGE")


def _check_way_to_buy(checks: Checks, pool: GpuNodePoolChoices) -> None:
    """On demand, Spot, flex-start or a reservation: one of them, and one that this machine type is sold by."""
    if pool.spot and pool.flex_start:
        checks.add(
            "flex_start",
            wrong="spot and flex_start are both set",
            allowed="one of them: spot may be taken away at any time, flex_start waits and then runs undisturbed",
            fix="remove one",
        )
    reserved = pool.reservation.consume_reservation_type if pool.reservation else "NO_RESERVATION"
    if (pool.spot or pool.flex_start) and reserved != "NO_RESERVATION" and not is_token(reserved):
        way = "flex_start" if pool.flex_start else "spot"
        checks.add(
            "reservation",
            wrong=f"{way} is set, and {way} nodes cannot use reserved capacity",
            allowed="a reservation for a pool on demand, or none",
            fix=f"remove reservation, or {way}",
        )
    machine = gpu_catalogue.machine_type(pool.machine_type)
    if machine and not machine.on_demand and not pool.spot and not pool.flex_start:
        on_demand = gpu_machines.names_with(machine.gpu, on_demand=True)
        checks.add(
            "machine_type",
            wrong=f"{pool.machine_type} is not sold on demand",
            allowed=f"with spot or flex_start; on demand: {on_demand}",
            fix="set spot or flex_start",
        )


def _check_reservation(checks: Checks, reservation: Reservation) -> None:
    kind = reservation.consume_reservation_type
    check_each(checks, reservation)
    if kind == "SPECIFIC_RESERVATION" and not reservation.names:
        checks.add(
            "names",
            wrong="a specific reservation is asked for, and none is named",
            allowed="the name of a reservation, or projects/PROJECT/reservations/NAME",
            fix="name it, or set consume_reservation_type to ANY_RESERVATION",
        )
    elif kind != "SPECIFIC_RESERVATION" and not is_token(kind) and reservation.names:
        checks.add(
            "names",
            wrong=f"{', '.join(reservation.names)} is named, but consume_reservation_type is {kind}",
            allowed="names with SPECIFIC_RESERVATION only",
            fix="remove the names, or set consume_reservation_type to SPECIFIC_RESERVATION",
        )


def _check_partition_size(checks: Checks, gpu: Gpu, partition_size: str | None) -> None:
    if partition_size is None or is_token(partition_size) or gpu.partition_sizes is None:
        return
    if partition_size in gpu.partition_sizes:
        return
    if gpu.partition_sizes:
        checks.add(
            "partition_size",
            wrong=f"{partition_size!r} is no partition of {gpu.name}",
            allowed=", ".join(gpu.partition_sizes),
            fix="set partition_size to one of these",
        )
    else:
        able = ", ".join(name for name, other in gpu_catalogue.gpus().items() if other.partition_sizes)
        checks.add(
            "partition_size",
            wrong=f"{gpu.name} cannot be partitioned",
            allowed=f"no partition_size; GPUs that can: {able}",
            fix="remove partition_size (sharing works on every GPU), or change the machine type",
        )


def _check_placement(checks: Checks, gpu: Gpu, *, compact_placement: bool) -> None:
    if compact_placement and not gpu.compact_placement:
        able = ", ".join(name for name, other in gpu_catalogue.gpus().items() if other.compact_placement)
        checks.add(
            "compact_placement",
            wrong=f"GKE does not place {gpu.name} compactly",
            allowed=f"compact_placement with {able}",
            fix="remove compact_placement, or change the machine type",
        )
