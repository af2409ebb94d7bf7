"""The GPUs of Google Cloud and the machine types that carry them: `gpu_catalogue.json`, typed. Needs no Node."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("gpu_catalogue.json")


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """A type of GPU, under the name that Compute Engine and the node label `cloud.google.com/gke-accelerator` use."""

    name: str
    regional_quota_metric: str | None
    """On demand; `None` where no metric is verified: unknown, not zero."""
    partition_sizes: tuple[str, ...] | None
    """What GKE can partition it into; empty when it cannot; `None` when that is not known here."""
    compact_placement: bool
    """Whether GKE places its nodes close together; true when that is not known here."""
    n1_max_vcpus_by_gpu_count: Mapping[int, int] = field(default_factory=dict)
    """For GPUs that are attached to an N1: the counts that can be attached, and the vCPUs that each allows."""

    def quota_metric(self, *, spot: bool = False, flex_start: bool = False) -> str | None:
        """The regional metric that a pool draws on; `None` when unknown.

        Flex-start machines draw on the preemptible quota, as Spot ones do:
        https://cloud.google.com/blog/products/compute/introducing-flex-start-vms-for-the-compute-engine-instance-api
        """
        if self.regional_quota_metric is None:
            return None
        return f"PREEMPTIBLE_{self.regional_quota_metric}" if spot or flex_start else self.regional_quota_metric


def newer(name: str, quota_metric: str | None) -> Gpu:
    """A GPU that the catalogue does not have: Google knows what it can do."""
    return Gpu(name=name, regional_quota_metric=quota_metric, partition_sizes=None, compact_placement=True)


@dataclass(frozen=True, kw_only=True)
class GpuMachineType:
    """A machine type with its GPUs built in."""

    name: str
    gpu: Gpu
    gpu_count: int
    vcpus: int
    memory_gb: int
    disk_type: str
    """The boot disk to use: `hyperdisk-balanced` where nothing else fits."""
    on_demand: bool
    """Whether it can be had other than as Spot or flex-start."""


@dataclass(frozen=True, kw_only=True)
class Accelerators:
    """The GPUs that each node has."""

    gpu: Gpu
    count: int


@cache
def gpus() -> Mapping[str, Gpu]:
    return {
        name: Gpu(
            name=name,
            regional_quota_metric=facts["quota_metric"],
            partition_sizes=tuple(facts["partition_sizes"]),
            compact_placement=facts["compact_placement"],
            n1_max_vcpus_by_gpu_count={
                int(count): vcpus for count, vcpus in facts.get("n1_max_vcpus_by_gpu_count", {}).items()
            },
        )
        for name, facts in json.loads(_FILE.read_text("utf-8"))["gpus"].items()
    }


@cache
def machine_types() -> Mapping[str, GpuMachineType]:
    return {
        name: GpuMachineType(name=name, **(facts | {"gpu": gpus()[facts["gpu"]]}))
        for name, facts in json.loads(_FILE.read_text("utf-8"))["machine_types"].items()
    }


def machine_type(name: str) -> GpuMachineType | None:
    """The machine type of that name if it has GPUs built in."""
    return machine_types().get(name)
