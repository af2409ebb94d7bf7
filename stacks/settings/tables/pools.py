"""The pools of nodes. Defaults that differ from the library's, or are missing there, are this platform's."""

from dataclasses import dataclass
from typing import Annotated, NamedTuple

from annotated_types import Ge, Le

from metaflow_gcp.checks import Checks
from metaflow_gcp.google.gke import gpu_machines
from metaflow_gcp.google.gke.gpu_catalogue import Accelerators
from metaflow_gcp.google.gke.gpu_rules import GpuNodePoolChoices
from metaflow_gcp.google.gke.pool_rules import (
    NodePoolChoices,
    PoolChoices,
    check_amd64,
    check_machine_type_without_gpus,
)
from stacks.settings.place import Place

SYSTEM = "system"
"""The name of the pool that the platform's own services run on."""


@dataclass(frozen=True, kw_only=True)
class SystemPool(PoolChoices):
    """The nodes of the platform's own services. Tasks do not run there."""

    machine_type: str = "e2-standard-2"
    """Two vCPUs and 8 GB carry the services of a small team. Without GPUs, and with an x86 processor: the images are
    for amd64."""
    min_nodes: Annotated[int, Ge(1)] = 1
    """Nodes that always run, over all zones: 1 or more."""
    max_nodes: Annotated[int, Ge(1)] = 3
    """Nodes at most, over all zones."""
    disk_size_gb: Annotated[int, Ge(10), Le(65536)] = 50
    """Each node's boot disk, in GB: 10 to 65536."""

    def check_in(self, checks: Checks, place: Place) -> None:
        check_machine_type_without_gpus(checks, self.machine_type)
        check_amd64(checks, self.machine_type)
        self.check_pool(checks, zones=place.zones, region=place.region)


@dataclass(frozen=True, kw_only=True)
class _InZones:
    """Where a pool for tasks is."""

    zones: tuple[str, ...] | None = None
    """Zones of `region` that have these machines: gcloud compute machine-types list. Default: `zones`."""

    def zones_or(self, default: tuple[str, ...]) -> tuple[str, ...]:
        """Its own, or else the platform's."""
        return default if self.zones is None else self.zones


@dataclass(frozen=True, kw_only=True)
class TaskPool(_InZones, NodePoolChoices):
    """Nodes without GPUs, for tasks."""

    machine_type: str = "e2-standard-8"
    """vCPUs and memory of a node. A task must fit on one node, beside what GKE keeps: of an e2-standard-8 with a disk
    of 100 GB, tasks have 7.91 CPUs, 28.3 GiB of memory and 49 GiB of disk (docs/commands/status.md: the formulas)."""
    max_nodes: Annotated[int, Ge(1)] = 10
    """Nodes at most, over all zones."""

    def check_in(self, checks: Checks, place: Place) -> None:
        place.check_zones(checks, self.zones)
        self.check(checks, zones=self.zones_or(place.zones), region=place.region)


@dataclass(frozen=True, kw_only=True)
class GpuPool(_InZones, GpuNodePoolChoices):
    """Nodes with GPUs. The GPU follows from the machine type; GKE installs the driver."""

    machine_type: str = "g2-standard-12"
    """g2-*, a2-*, a3-*, a4-*, g4-* with their GPUs, or n1-* together with gpu_type.
    https://cloud.google.com/compute/docs/gpus"""
    max_nodes: Annotated[int, Ge(1)] = 5
    """Nodes at most, over all zones. The quota of the GPU must allow for it."""

    @property
    def accelerators(self) -> Accelerators | None:
        """The GPUs of a node, as far as they are known."""
        return gpu_machines.accelerators(self.machine_type, self.gpu_type, self.gpu_count, self.gpu_quota_metric)

    def check_in(self, checks: Checks, place: Place) -> None:
        place.check_zones(checks, self.zones)
        self.check(checks, zones=self.zones_or(place.zones), region=place.region)


class Pool(NamedTuple):
    """One of the pools, whatever its kind."""

    where: str
    """Its table in the settings: `task_pools.cpu`."""
    name: str
    choices: SystemPool | TaskPool | GpuPool

    def zones(self, default: tuple[str, ...]) -> tuple[str, ...]:
        """Its own, or else the platform's."""
        return default if isinstance(self.choices, SystemPool) else self.choices.zones_or(default)
