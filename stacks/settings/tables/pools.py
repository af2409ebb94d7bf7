"""The pools of nodes."""

from typing import Any, Literal

from pydantic import Field

from metaflow_gcp import labels
from metaflow_gcp.checks import Checks
from metaflow_gcp.google.gke import gpu_rules, pool_rules
from metaflow_gcp.kubernetes.placement import Taint as NodeTaint
from stacks.settings.place import Place
from stacks.settings.tables.section import Number, Section


class Taint(Section):
    """Keeps pods off a pool unless they tolerate it (`tolerations` of Metaflow's @kubernetes)."""

    key: str
    """Such as dedicated, or example.com/dedicated."""
    value: str = ""
    """Such as training. Default: empty."""
    effect: Literal["NO_SCHEDULE", "PREFER_NO_SCHEDULE", "NO_EXECUTE"] = "NO_SCHEDULE"
    """NO_SCHEDULE, PREFER_NO_SCHEDULE or NO_EXECUTE."""


class AnyPool(Section):
    """What every pool has."""

    machine_type: str
    min_nodes: Number = Field(default=0, ge=0)
    """Nodes that always run and cost, over all zones. 0: the pool idles at none."""
    max_nodes: Number = Field(default=10, ge=1)
    """Nodes at most, over all zones."""
    disk_size_gb: Number = Field(default=100, ge=10, le=65536)
    """Each node's boot disk, in GB: 10 to 65536. Images and the tasks' files (10 GB a task by default) lie there.
    GKE keeps 51 of 100 GB, and 96 of 200."""
    vcpus: Number | None = Field(default=None, ge=1)
    """vCPUs of a node, for a machine type that is newer than this release and whose name does not say them."""
    memory_gb: Number | None = Field(default=None, ge=1)
    """Memory of a node in GB, for a machine type that is newer than this release."""


class SystemPool(AnyPool):
    """The nodes of the platform's own services. Tasks do not run there."""

    machine_type: str = "e2-standard-2"
    """Two vCPUs and 8 GB carry the services of a small team. Without GPUs, and with an x86 processor."""
    min_nodes: Number = Field(default=1, ge=1)
    """Nodes that always run, over all zones: 1 or more."""
    max_nodes: Number = Field(default=3, ge=1)
    """Nodes at most, over all zones."""
    disk_size_gb: Number = Field(default=50, ge=10, le=65536)
    """Each node's boot disk, in GB: 10 to 65536."""

    def check(self, checks: Checks, place: Place) -> None:
        pool_rules.check_machine_type_without_gpus(checks, self.machine_type)
        pool_rules.check_amd64(checks, self.machine_type)
        pool_rules.check(
            checks,
            machine_type=self.machine_type,
            zones=place.zones,
            region=place.region,
            min_nodes=self.min_nodes,
            max_nodes=self.max_nodes,
            disk_size_gb=self.disk_size_gb,
            disk_type=None,
            node_labels={},
            resource_labels={},
            vcpus=self.vcpus,
            memory_gb=self.memory_gb,
        )


class Pool(AnyPool):
    """What the pools for tasks have in common."""

    spot: bool = False
    """Spot machines: 60 to 91 percent cheaper, taken away at any time (use @retry).
    https://cloud.google.com/kubernetes-engine/docs/concepts/spot-vms"""
    disk_type: Literal["pd-standard", "pd-balanced", "pd-ssd", "hyperdisk-balanced"] | None = None
    """pd-standard, pd-balanced, pd-ssd or hyperdisk-balanced. Default: pd-balanced where the machine type takes it."""
    zones: tuple[str, ...] | None = None
    """Zones of `region` that have these machines: gcloud compute machine-types list. Default: `zones`."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Labels of the nodes, for `node_selector` of Metaflow's @kubernetes. Default: none. (GKE itself adds
    cloud.google.com/gke-accelerator with the GPU's name, and cloud.google.com/gke-spot.)"""


class TaskPool(Pool):
    """Nodes without GPUs, for tasks."""

    machine_type: str = "e2-standard-8"
    """vCPUs and memory of a node. A task must fit on one node, beside what GKE keeps: of an e2-standard-8 with a disk
    of 100 GB, tasks have 7.91 CPUs, 28.3 GiB of memory and 49 GiB of disk (docs/commands/status.md: the formulas)."""
    taints: tuple[Taint, ...] = ()
    """Keep other tasks off this pool. Default: none, every task may run there."""

    def properties(self, zones: tuple[str, ...]) -> dict[str, Any]:
        """Under the names that the library's `NodePool` takes them by; `zones` for a pool that names none."""
        return {
            **_plain(self, "zones", "taints"),
            "zones": zones if self.zones is None else self.zones,
            "taints": tuple(NodeTaint(**dict(taint)) for taint in self.taints),
        }

    def check(self, checks: Checks, place: Place) -> None:
        place.check_zones(checks, self.zones)
        pool_rules.check_machine_type_without_gpus(checks, self.machine_type)
        pool_rules.check(
            checks,
            machine_type=self.machine_type,
            zones=place.zones if self.zones is None else self.zones,
            region=place.region,
            min_nodes=self.min_nodes,
            max_nodes=self.max_nodes,
            disk_size_gb=self.disk_size_gb,
            disk_type=self.disk_type,
            node_labels=self.labels,
            resource_labels={},
            vcpus=self.vcpus,
            memory_gb=self.memory_gb,
        )
        for index, taint in enumerate(self.taints):
            labels.check_taint(checks, f"taints[{index}]", key=taint.key, value=taint.value, effect=taint.effect)


class Sharing(Section):
    """Several tasks on one GPU.

    https://cloud.google.com/kubernetes-engine/docs/concepts/timesharing-gpus
    """

    strategy: Literal["TIME_SHARING", "MPS"] = "TIME_SHARING"
    """TIME_SHARING: in turns, without a limit on memory. MPS: at once, each with its share of the memory."""
    max_clients: Number = Field(default=2, ge=2, le=48)
    """Tasks on one GPU at most: 2 to 48."""


class Reservation(Section):
    """Capacity that was reserved in Compute Engine."""

    consume_reservation_type: Literal["SPECIFIC_RESERVATION", "ANY_RESERVATION", "NO_RESERVATION"] = (
        "SPECIFIC_RESERVATION"
    )
    """SPECIFIC_RESERVATION: those named. ANY_RESERVATION: whatever fits. NO_RESERVATION: none."""
    names: tuple[str, ...] = ()
    """With SPECIFIC_RESERVATION: a reservation's name, or projects/PROJECT/reservations/NAME of another project's."""


class SecondaryBootDisk(Section):
    """A disk with container images that every node has from the start.

    https://cloud.google.com/kubernetes-engine/docs/how-to/data-container-image-preloading
    """

    disk_image: str
    """projects/PROJECT/global/images/IMAGE"""


class GpuPool(Pool):
    """Nodes with GPUs. The GPU follows from the machine type; the driver is installed by GKE."""

    machine_type: str = "g2-standard-12"
    """g2-*, a2-*, a3-*, a4-*, g4-* with their GPUs, or n1-* together with gpu_type.
    https://cloud.google.com/compute/docs/gpus"""
    max_nodes: Number = Field(default=5, ge=1)
    """Nodes at most, over all zones. The quota of the GPU must allow for it."""
    disk_size_gb: Number = Field(default=200, ge=10, le=65536)
    """Each node's boot disk, in GB: 10 to 65536. GPU images are large, and a larger disk is a faster one."""
    gpu_type: str | None = None
    """With n1-*: nvidia-tesla-t4, -v100, -p4 or -p100. With a machine type that is newer than this release: its GPU, as
    in gcloud compute accelerator-types list. Default: the machine type's own."""
    gpu_count: Number | None = Field(default=None, ge=1)
    """With n1-*: GPUs of a node, in the numbers that are sold. With a machine type that is newer than this release: its
    number of GPUs. Default: the machine type's own; 1 with n1-*."""
    gpu_quota_metric: str | None = None
    """With a GPU whose metric is not known: the regional quota that it draws on, such as NVIDIA_L4_GPUS. Default: the
    GPU's own; where that is not known, no quota is checked."""
    driver_version: Literal["DEFAULT", "LATEST"] = "DEFAULT"
    """DEFAULT or LATEST for the node's GKE version. A change replaces the pool."""
    flex_start: bool = False
    """Wait for capacity, then run undisturbed for up to seven days. Not with spot or reserved capacity.
    https://cloud.google.com/kubernetes-engine/docs/concepts/dws"""
    max_run_duration_seconds: Number | None = Field(default=None, ge=600, le=604800)
    """With flex_start: seconds after which a node goes, 600 to 604800. Default: seven days."""
    sharing: Sharing | None = None
    """Several tasks on one GPU. Default: each GPU has one."""
    partition_size: str | None = None
    """Cut each GPU into partitions of this size (MIG), such as 1g.5gb of an A100. Default: whole GPUs.
    https://cloud.google.com/kubernetes-engine/docs/how-to/gpus-multi"""
    compact_placement: bool = False
    """Place nodes close together, for training across nodes."""
    reservation: Reservation | None = None
    """Use capacity that was reserved. Default: on demand."""
    secondary_boot_disks: tuple[SecondaryBootDisk, ...] = ()
    """Disks with images on them, so that large ones need not be pulled. Default: none."""

    def properties(self, zones: tuple[str, ...]) -> dict[str, Any]:
        """Under the names that the library's `GpuNodePool` takes them by; `zones` for a pool that names none."""
        return {
            **_plain(self, "zones", "sharing", "reservation", "secondary_boot_disks"),
            "zones": zones if self.zones is None else self.zones,
            "sharing": gpu_rules.GpuSharing(**dict(self.sharing)) if self.sharing else None,
            "reservation": gpu_rules.Reservation(**dict(self.reservation)) if self.reservation else None,
            "secondary_boot_disks": tuple(
                gpu_rules.SecondaryBootDisk(**dict(disk)) for disk in self.secondary_boot_disks
            ),
        }

    def check(self, checks: Checks, place: Place) -> None:
        place.check_zones(checks, self.zones)
        gpu_rules.check_gpu_pool(checks, region=place.region, **self.properties(place.zones))


def _plain(section: Section, *but: str) -> dict[str, Any]:
    return {key: value for key, value in section if key not in but}
