"""What a node has to give to pods: its machine, less what GKE keeps for the system.

https://cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes ("Node allocatable resources", read on
2026-11-25). Image streaming keeps some more memory, and the system's own pods take their share of what is left.
"""

from collections.abc import Sequence

_CPU = ((1.0, 0.06), (2.0, 0.01), (4.0, 0.005), (float("inf"), 0.0025))
"""Up to so many vCPUs, GKE keeps this share of those above the step before."""
_SHARED_CORE_E2_KEEPS = 1.06
"""Of the two vCPUs of e2-micro, e2-small and e2-medium."""

_MEMORY = ((4.0, 0.25), (8.0, 0.20), (16.0, 0.10), (128.0, 0.06), (float("inf"), 0.02))
"""The same, in GiB."""
_SMALL_MEMORY_KEEPS = 255 / 1024
"""GiB, of less than one."""
_MEMORY_EVICTION = 100 / 1024
"""GiB. With less left, Kubernetes ends pods."""

_DISK_EVICTION = 0.10

KEPT = {
    "cpu": "GKE keeps 6% of the first CPU, 1% of the second, 0.5% of the next two and 0.25% of the others",
    "memory": "GKE keeps 25% of the first 4 GiB, 20% of the next 4, 10% of the next 8, 6% of the next 112, 2% of the "
    "rest, and 100 MiB",
    "ephemeral-storage": "GKE keeps 10% of the boot disk, and the least of 50% of it, 35% of it plus 6 GiB, and "
    "100 GiB",
}
"""In words, by Kubernetes' name of the resource."""


def cpus(vcpus: float, *, shared_core_e2: bool = False) -> float:
    """CPUs, of a machine with so many."""
    return vcpus - (_SHARED_CORE_E2_KEEPS if shared_core_e2 else _in_steps(vcpus, _CPU))


def memory_gib(gib: float) -> float:
    """GiB, of a machine with so many."""
    kept = _in_steps(gib, _MEMORY) if gib >= 1 else _SMALL_MEMORY_KEEPS
    return gib - kept - _MEMORY_EVICTION


def disk_gib(gib: float) -> float:
    """GiB of ephemeral storage, of a boot disk of so many."""
    return gib - _DISK_EVICTION * gib - min(0.5 * gib, 6 + 0.35 * gib, 100)


def _in_steps(amount: float, steps: Sequence[tuple[float, float]]) -> float:
    kept, below = 0.0, 0.0
    for up_to, share in steps:
        kept += share * max(0.0, min(amount, up_to) - below)
        below = up_to
    return kept
