"""What every node pool has, with GPUs or without: choices, rules, and the quotas that its nodes draw on.

Needs no Node.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Annotated, Literal

from annotated_types import Ge, Le, Unit

from metaflow_gcp import labels
from metaflow_gcp.checks import Checks, is_token
from metaflow_gcp.choices import check_each
from metaflow_gcp.google.gke import gpu_catalogue, machine_types
from metaflow_gcp.google.requirements import Quota
from metaflow_gcp.kubernetes.placement import Taint

MAX_NODES_PER_ZONE = 1000
"""https://cloud.google.com/kubernetes-engine/quotas#limits_per_cluster"""

_SERVICE_ACCOUNT = r"[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z0-9.:-]+\.iam\.gserviceaccount\.com"
_MACHINE_TYPE = r"[a-z][a-z0-9]*(-[a-z0-9]+)+"
_ZONE = re.compile(r"([a-z]+-[a-z]+[0-9]+)-[a-z0-9]+")


def region_of(location: str) -> str:
    """The region of a zone, or the region itself; a token as it is."""
    zone = _ZONE.fullmatch(location)
    return zone[1] if zone else location


def region_of_zones(zones: Sequence[str]) -> str | None:
    """The region that the zones say; `None` when only Terraform knows it."""
    return next((region_of(zone) for zone in zones if not is_token(zone)), None)


DiskType = Literal["pd-standard", "pd-balanced", "pd-ssd", "hyperdisk-balanced"]


@dataclass(frozen=True, kw_only=True)
class PoolChoices:
    """What every pool has, whatever its machines carry."""

    machine_type: str
    """vCPUs and memory of a node, such as e2-standard-4. https://cloud.google.com/compute/docs/machine-resource"""
    min_nodes: Annotated[int, Ge(0), Unit("nodes, over all zones")] = 0
    """Nodes that always run and cost, over all zones. 0: the pool idles at none."""
    max_nodes: Annotated[int, Ge(1), Unit("nodes, over all zones")]
    """Nodes at most, over all zones: 1 to 1000 for each zone."""
    disk_size_gb: Annotated[int, Ge(10), Le(65536), Unit("GB")] = 100
    """Each node's boot disk, in GB: 10 to 65536. Images and the tasks' files (10 GB a task by default) lie there.
    GKE keeps 51 of 100 GB, and 96 of 200."""
    vcpus: Annotated[int, Ge(1)] | None = None
    """vCPUs of a node, for a machine type that is newer than this release and whose name does not say them."""
    memory_gb: Annotated[int, Ge(1)] | None = None
    """Memory of a node in GB, for a machine type that is newer than this release."""

    @property
    def node_vcpus(self) -> int | None:
        """VCPUs of a node: the machine type's, or else as given."""
        return machine_types.vcpus(self.machine_type) or self.vcpus

    @property
    def node_memory_gb(self) -> float | None:
        """GB of memory of a node: the machine type's, or else as given."""
        return machine_types.memory_gb(self.machine_type) or self.memory_gb

    def check_pool(self, checks: Checks, *, zones: Sequence[str], region: str | None) -> None:
        """`region` is where the cluster is; `None` when that is not known."""
        check_zones(checks, zones, region)
        check_each(checks, self)
        known_vcpus, known_memory = machine_types.vcpus(self.machine_type), machine_types.memory_gb(self.machine_type)
        _check_given(checks, "vcpus", self.machine_type, self.vcpus, known_vcpus)
        _check_given(checks, "memory_gb", self.machine_type, self.memory_gb, known_memory)
        _check_size(checks, self.min_nodes, self.max_nodes, zone_count=max(1, len(zones)))


@dataclass(frozen=True, kw_only=True)
class TaskPoolChoices(PoolChoices):
    """What the pools for tasks have in common."""

    spot: bool = False
    """Spot machines: 60 to 91 percent cheaper, taken away at any time with 30 seconds' notice (use @retry).
    https://cloud.google.com/kubernetes-engine/docs/concepts/spot-vms"""
    disk_type: DiskType | None = None
    """pd-standard, pd-balanced, pd-ssd or hyperdisk-balanced. Default: pd-balanced where the machine type takes it,
    hyperdisk-balanced elsewhere."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels of the nodes, for `node_selector` of Metaflow's @kubernetes. Default: none. (GKE itself adds
    cloud.google.com/gke-accelerator with the GPU's name, and cloud.google.com/gke-spot.)"""

    def check(self, checks: Checks, *, zones: Sequence[str], region: str | None) -> None:
        self.check_pool(checks, zones=zones, region=region)
        _check_boot_disk(checks, self.machine_type, self.disk_type)
        labels.check_node_labels(checks, "labels", self.labels)


@dataclass(frozen=True, kw_only=True)
class NodePoolChoices(TaskPoolChoices):
    """A pool of nodes without GPUs."""

    taints: tuple[Taint, ...] = ()
    """Keep other tasks off this pool. Default: none, every task may run there."""

    def check(self, checks: Checks, *, zones: Sequence[str], region: str | None) -> None:
        check_machine_type_without_gpus(checks, self.machine_type)
        super().check(checks, zones=zones, region=region)
        for index, taint in enumerate(self.taints):
            labels.check_taint(checks, f"taints[{index}]", key=taint.key, value=taint.value, effect=taint.effect)


def check_machine_type_without_gpus(checks: Checks, machine_type: str) -> None:
    if is_token(machine_type):
        return
    if with_gpus := gpu_catalogue.machine_type(machine_type):
        checks.add(
            "machine_type",
            wrong=f"{machine_type!r} has {with_gpus.gpu_count} {with_gpus.gpu.name}",
            allowed="machine types without GPUs, such as e2-standard-4 or n2-standard-8",
            fix="make it a GPU pool, or change machine_type",
        )
    checks.matches("machine_type", machine_type, _MACHINE_TYPE, "a machine type, such as e2-standard-4")


def check_amd64(checks: Checks, machine_type: str) -> None:
    """For pods whose images are built for amd64 only, as that of Metaflow's metadata service is.

    GKE keeps such pods off Arm nodes by a taint of its own, so that they would wait for ever.
    https://cloud.google.com/kubernetes-engine/docs/how-to/prepare-arm-workloads-for-deployment
    """
    if machine_types.is_arm(machine_type):
        checks.add(
            "machine_type",
            wrong=f"{machine_type!r} has an Arm processor, and the images that run there are for amd64",
            allowed="machine types with x86 processors, such as e2-standard-2 or n4-standard-2",
            fix="choose one of these",
        )


def check_service_account(checks: Checks, email: str) -> None:
    """The Compute Engine default account is refused: it is usually an Editor of the whole project."""
    checks.matches(
        "service_account",
        email,
        _SERVICE_ACCOUNT,
        "the email of a service account made for nodes, NAME@PROJECT.iam.gserviceaccount.com; not the default account",
    )


def check_zones(checks: Checks, zones: Sequence[str], region: str | None) -> None:
    """`region` is where the cluster is (a zone of it will do); when not known here, the zones must agree on one."""
    if is_token(zones):
        return
    known = [zone for zone in zones if not is_token(zone)]
    if not zones:
        checks.add(
            "zones",
            wrong="no zone is given",
            allowed="one zone or more of the cluster's region",
            fix="name the zones that have these machines: gcloud compute machine-types list",
        )
    for zone in sorted({zone for zone in known if known.count(zone) > 1}):
        checks.add("zones", wrong=f"{zone!r} is given twice", allowed="each zone once", fix="remove one")
    expected = region_of_zones(known) if region is None or is_token(region) else region_of(region)
    for zone in dict.fromkeys(known):
        match = _ZONE.fullmatch(zone)
        if match is None:
            checks.add("zones", wrong=f"{zone!r} is no zone", allowed="zones such as us-central1-a", fix="correct it")
        elif match[1] != expected:
            checks.add(
                "zones",
                wrong=f"{zone!r} is not in the region {expected}",
                allowed=f"zones of {expected}, such as {expected}-a",
                fix="choose zones of one region, the cluster's",
            )


def _check_size(checks: Checks, min_nodes: int, max_nodes: int, zone_count: int) -> None:
    most = MAX_NODES_PER_ZONE * zone_count
    for where, nodes, least in (("max_nodes", max_nodes, 1), ("min_nodes", min_nodes, 0)):
        if nodes >= least:  # else `check_each` has said it
            checks.between(where, nodes, least, most, "nodes, over all zones")
    if not is_token(min_nodes) and not is_token(max_nodes) and min_nodes > max_nodes:
        checks.add(
            "min_nodes",
            wrong=f"{min_nodes} is more than max_nodes ({max_nodes})",
            allowed=f"0 to {max_nodes}",
            fix="lower min_nodes or raise max_nodes",
        )


def _check_boot_disk(checks: Checks, machine_type: str, disk_type: str | None) -> None:
    taken = machine_types.boot_disks(machine_type)
    if disk_type is None or is_token(disk_type) or disk_type not in machine_types.DISK_QUOTA_METRICS:
        return
    if taken is not None and disk_type not in taken:
        checks.add(
            "disk_type",
            wrong=f"{machine_type} takes no boot disk of the type {disk_type!r}",
            allowed=", ".join(taken),
            fix="leave disk_type out, or set it to one of these",
        )


def _check_given(checks: Checks, where: str, machine_type: str, given: float | None, known: float | None) -> None:
    """What a node has is given by hand only where its machine type does not say it."""
    if given is None or is_token(given):
        return
    if known is not None and given != known:
        checks.add(
            where,
            wrong=f"{machine_type} has {known:g}, not {given:g}",
            allowed=f"{known:g}, or nothing: it follows from machine_type",
            fix=f"remove {where}, or change machine_type",
        )


def near(name: str, names: Sequence[str]) -> str:
    """What may have been meant: `did you mean g2-standard-12?`, or nothing."""
    found = get_close_matches(name, names, n=3)
    return f"did you mean {' or '.join(found)}?" if found else ""


def initial_nodes_per_zone(min_nodes: int, max_nodes: int, zones: Sequence[str]) -> int:
    """How many nodes each zone gets when the pool is created.

    The autoscaler raises a pool to its minimum only when it has another reason to act, so a pool starts with its
    minimum, rounded up to whole zones as long as its maximum allows that.
    https://cloud.google.com/kubernetes-engine/docs/concepts/cluster-autoscaler#minimum_and_maximum_node_pool_size
    """
    if is_token(min_nodes) or is_token(max_nodes) or is_token(zones):
        return 0
    rounded_up = -(-min_nodes // len(zones))
    return min(rounded_up, max_nodes // len(zones))


def node_quotas(pool: PoolChoices, zones: Sequence[str], disk_type: str) -> tuple[Quota, ...]:
    """What the nodes' vCPUs and boot disks draw on. What only Terraform knows, or nobody here, is left out."""
    if any(map(is_token, (pool.machine_type, pool.min_nodes, pool.max_nodes, pool.disk_size_gb))):
        return ()
    at_start = nodes_at_start(pool.min_nodes, pool.max_nodes, zones)
    vcpus = pool.node_vcpus
    region = region_of_zones(zones)
    per_node: list[tuple[str, str | None, int]] = []
    if vcpus is not None:
        per_node.append(("CPUS_ALL_REGIONS", None, vcpus))
        cpu_metric = machine_types.cpu_quota_metric(pool.machine_type)
        if cpu_metric and region:
            per_node.append((cpu_metric, region, vcpus))
    disk_metric = machine_types.DISK_QUOTA_METRICS.get(disk_type)
    if disk_metric and region:
        per_node.append((disk_metric, region, pool.disk_size_gb))
    return tuple(
        Quota(metric=metric, region=where, at_start=each * at_start, at_maximum=each * pool.max_nodes)
        for metric, where, each in per_node
    )


def nodes_at_start(min_nodes: int, max_nodes: int, zones: Sequence[str]) -> int:
    return max(min_nodes, initial_nodes_per_zone(min_nodes, max_nodes, zones) * len(zones))
