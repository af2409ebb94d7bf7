"""GPU pools: the values they are described by, and every rule about what fits together. Needs no Node.

checks = Checks()
check_gpu_pool(checks, machine_type="g2-standard-12", zones=("us-central1-a",), max_nodes=5)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from metaflow_gcp.checks import Checks, is_token
from metaflow_gcp.google.gke import gpu_catalogue, gpu_machines, pool_rules
from metaflow_gcp.google.gke.gpu_catalogue import Gpu

DRIVER_VERSIONS = ("DEFAULT", "LATEST")
RESERVATION_TYPES = ("ANY_RESERVATION", "NO_RESERVATION", "SPECIFIC_RESERVATION")
SHARING_STRATEGIES = ("MPS", "TIME_SHARING")

MAX_SHARED_CLIENTS = 48
"""https://cloud.google.com/kubernetes-engine/docs/concepts/timesharing-gpus: 48 for time-sharing and for MPS."""

MIN_RUN_SECONDS, MAX_RUN_SECONDS = 600, 7 * 24 * 60 * 60
"""Of a flex-start node: https://cloud.google.com/compute/docs/instances/about-flex-start-vms"""

_DISK_IMAGE = r"(https://www\.googleapis\.com/compute/v1/)?(projects/[^/]+/)?global/images/[^/]+"


@dataclass(frozen=True, kw_only=True)
class GpuSharing:
    """Several containers on one GPU; on a partitioned GPU, several on each partition: GKE recommends the two together.

    https://cloud.google.com/kubernetes-engine/docs/concepts/timesharing-gpus
    """

    strategy: str
    """`TIME_SHARING` (in turns; no memory limit) or `MPS` (at once; each client gets its share of memory)."""
    max_clients: int
    """Containers per GPU, or per partition: 2 to 48."""


@dataclass(frozen=True, kw_only=True)
class Reservation:
    """Capacity that was reserved, and whether the pool takes it."""

    consume_reservation_type: str = "SPECIFIC_RESERVATION"
    """`SPECIFIC_RESERVATION`, `ANY_RESERVATION` or `NO_RESERVATION`."""
    names: tuple[str, ...] = ()
    """For a specific one: its name, or `projects/PROJECT/reservations/NAME` when another project shares it."""


@dataclass(frozen=True, kw_only=True)
class SecondaryBootDisk:
    """Container images that every node has on a disk from the start.

    https://cloud.google.com/kubernetes-engine/docs/how-to/data-container-image-preloading
    """

    disk_image: str
    """`projects/PROJECT/global/images/IMAGE`"""


def check_gpu_pool(
    checks: Checks,
    *,
    machine_type: str,
    zones: Sequence[str],
    max_nodes: int,
    min_nodes: int = 0,
    region: str | None = None,
    gpu_type: str | None = None,
    gpu_count: int | None = None,
    gpu_quota_metric: str | None = None,
    driver_version: str = "DEFAULT",
    spot: bool = False,
    flex_start: bool = False,
    max_run_duration_seconds: int | None = None,
    reservation: Reservation | None = None,
    sharing: GpuSharing | None = None,
    partition_size: str | None = None,
    compact_placement: bool = False,
    secondary_boot_disks: Sequence[SecondaryBootDisk] = (),
    disk_size_gb: int = 200,
    disk_type: str | None = None,
    labels: Mapping[str, str] | None = None,
    resource_labels: Mapping[str, str] | None = None,
    vcpus: int | None = None,
    memory_gb: int | None = None,
) -> None:
    """Add every problem of such a pool. The parameters are the properties of `GpuNodePool`, under the same names."""
    pool_rules.check(
        checks,
        machine_type=machine_type,
        zones=zones,
        region=region,
        min_nodes=min_nodes,
        max_nodes=max_nodes,
        disk_size_gb=disk_size_gb,
        disk_type=disk_type,
        node_labels=labels or {},
        resource_labels=resource_labels or {},
        vcpus=vcpus,
        memory_gb=memory_gb,
    )
    found = gpu_machines.check(checks, machine_type, gpu_type, gpu_count, gpu_quota_metric)
    checks.one_of("driver_version", driver_version, DRIVER_VERSIONS)
    _check_way_to_buy(checks, machine_type, spot=spot, flex_start=flex_start, reservation=reservation)
    if flex_start:
        _check_flex_start(checks, min_nodes, max_run_duration_seconds)
    elif max_run_duration_seconds is not None:
        checks.add(
            "max_run_duration_seconds",
            wrong=f"{max_run_duration_seconds} is given for a pool without flex-start",
            allowed="only together with flex_start",
            fix="set flex_start, or remove max_run_duration_seconds",
        )
    if reservation:
        _check_reservation(checks, reservation)
    if sharing:
        checks.one_of("sharing.strategy", sharing.strategy, SHARING_STRATEGIES)
        checks.between("sharing.max_clients", sharing.max_clients, 2, MAX_SHARED_CLIENTS, "containers per GPU")
    if found:
        _check_partition_size(checks, found.gpu, partition_size)
        _check_placement(checks, found.gpu, compact_placement=compact_placement)
    for index, disk in enumerate(secondary_boot_disks):
        where = f"secondary_boot_disks[{index}].disk_image"
        checks.matches(where, disk.disk_image, _DISK_IMAGE, "projects/PROJECT/global/images/IMAGE")


def _check_way_to_buy(
    checks: Checks, machine_type: str, *, spot: bool, flex_start: bool, reservation: Reservation | None
) -> None:
    """On demand, Spot, flex-start or a reservation: one of them, and one that this machine type is sold by."""
    if spot and flex_start:
        checks.add(
            "flex_start",
            wrong="spot and flex_start are both set",
            allowed="one of them: spot may be taken away at any time, flex_start waits and then runs undisturbed",
            fix="remove one",
        )
    reserved = reservation.consume_reservation_type if reservation else "NO_RESERVATION"
    if (spot or flex_start) and reserved != "NO_RESERVATION" and not is_token(reserved):
        way = "flex_start" if flex_start else "spot"
        checks.add(
            "reservation",
            wrong=f"{way} is set, and {way} nodes cannot use reserved capacity",
            allowed="a reservation for a pool on demand, or none",
            fix=f"remove reservation, or {way}",
        )
    machine = gpu_catalogue.machine_type(machine_type)
    if machine and not machine.on_demand and not spot and not flex_start:
        on_demand = gpu_machines.names_with(machine.gpu, on_demand=True)
        checks.add(
            "machine_type",
            wrong=f"{machine_type} is not sold on demand",
            allowed=f"with spot or flex_start; on demand: {on_demand}",
            fix="set spot or flex_start",
        )


def _check_flex_start(checks: Checks, min_nodes: int, max_run_duration_seconds: int | None) -> None:
    if not is_token(min_nodes) and min_nodes > 0:
        checks.add(
            "min_nodes",
            wrong=f"{min_nodes} nodes would have to be there always, but flex-start nodes come for waiting pods only",
            allowed="0",
            fix="set min_nodes to 0, or remove flex_start",
        )
    if max_run_duration_seconds is not None:
        checks.between(
            "max_run_duration_seconds", max_run_duration_seconds, MIN_RUN_SECONDS, MAX_RUN_SECONDS, "seconds"
        )


def _check_reservation(checks: Checks, reservation: Reservation) -> None:
    kind = reservation.consume_reservation_type
    checks.one_of("reservation.consume_reservation_type", kind, RESERVATION_TYPES)
    if kind == "SPECIFIC_RESERVATION" and not reservation.names:
        checks.add(
            "reservation.names",
            wrong="a specific reservation is asked for, and none is named",
            allowed="the name of a reservation, or projects/PROJECT/reservations/NAME",
            fix="name it, or set consume_reservation_type to ANY_RESERVATION",
        )
    elif kind != "SPECIFIC_RESERVATION" and not is_token(kind) and reservation.names:
        checks.add(
            "reservation.names",
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
