"""What a machine type's name says: vCPUs, memory, boot disk, and the quota its vCPUs draw on. Needs no Node.

A name that is not known here may well exist: `None` means unknown, never wrong.
"""

import re

from metaflow_gcp import gpu_catalogue

_SHARED_CORE_GB = {"e2-micro": 1.0, "e2-small": 2.0, "e2-medium": 4.0}

# Memory in GB for one vCPU. https://cloud.google.com/compute/docs/general-purpose-machines
_GB_PER_VCPU = {
    "e2": {"standard": 4.0, "highmem": 8.0, "highcpu": 1.0},
    "n1": {"standard": 3.75, "highmem": 6.5, "highcpu": 0.9},
    "n2": {"standard": 4.0, "highmem": 8.0, "highcpu": 1.0},
    "n2d": {"standard": 4.0, "highmem": 8.0, "highcpu": 1.0},
    "n4": {"standard": 4.0, "highmem": 8.0, "highcpu": 2.0},
    "c3": {"standard": 4.0, "highmem": 8.0, "highcpu": 2.0},
}
_EXCEPTIONS_GB = {"n2-highmem-128": 864.0}

_PREDEFINED = re.compile(r"([a-z][a-z0-9]*)-(standard|highmem|highcpu)-([1-9][0-9]*)(-lssd)?")
_CUSTOM = re.compile(r"(?:(e2|n1|n2|n2d|n4)-)?custom-([1-9][0-9]*)-([1-9][0-9]*)(-ext)?")

# Families that take no Persistent Disk. https://cloud.google.com/compute/docs/disks/hyperdisks#machine-type-support
_HYPERDISK_ONLY = frozenset({"n4", "n4a", "n4d", "c4", "c4a", "c4d"})

# https://cloud.google.com/compute/resource-usage#cpu_quota
_SHARED_CPU_METRIC = frozenset({"e2", "n1", "g2"})
_OWN_CPU_METRIC = frozenset({"n2", "n2d", "c2", "c2d", "c3", "t2a", "t2d", "a2"})

DISK_QUOTA_METRICS = {
    "pd-balanced": "SSD_TOTAL_GB",
    "pd-ssd": "SSD_TOTAL_GB",
    "pd-standard": "DISKS_TOTAL_GB",
    "hyperdisk-balanced": "HDB_TOTAL_GB",
}
"""The boot disks that a pool can have, and the regional quota that each counts in."""


def family(name: str) -> str:
    """`n2` of `n2-standard-4`. A custom type without a family is an N1."""
    first = name.split("-", 1)[0]
    return "n1" if first == "custom" else first


def vcpus(name: str) -> int | None:
    if gpu_machine := gpu_catalogue.machine_type(name):
        return gpu_machine.vcpus
    if name in _SHARED_CORE_GB:
        return 2
    if custom := _CUSTOM.fullmatch(name):
        return int(custom[2])
    predefined = _PREDEFINED.fullmatch(name)
    if predefined and predefined[1] in _GB_PER_VCPU:
        return int(predefined[3])
    return None


def memory_gb(name: str) -> float | None:
    if gpu_machine := gpu_catalogue.machine_type(name):
        return float(gpu_machine.memory_gb)
    if name in _SHARED_CORE_GB:
        return _SHARED_CORE_GB[name]
    if name in _EXCEPTIONS_GB:
        return _EXCEPTIONS_GB[name]
    if custom := _CUSTOM.fullmatch(name):
        return int(custom[3]) / 1024
    predefined = _PREDEFINED.fullmatch(name)
    if predefined and predefined[1] in _GB_PER_VCPU:
        return round(int(predefined[3]) * _GB_PER_VCPU[predefined[1]][predefined[2]], 2)
    return None


def default_disk_type(name: str) -> str:
    """`pd-balanced`, or `hyperdisk-balanced` where the machine type takes no Persistent Disk."""
    return "hyperdisk-balanced" if needs_hyperdisk(name) else "pd-balanced"


def needs_hyperdisk(name: str) -> bool:
    if gpu_machine := gpu_catalogue.machine_type(name):
        return gpu_machine.disk_type == "hyperdisk-balanced"
    return family(name) in _HYPERDISK_ONLY


def cpu_quota_metric(name: str) -> str | None:
    """The regional metric that the vCPUs count in; `None` for newer families, which Compute Engine counts by family.

    Spot and flex-start machines count in the same metric until the project has been granted a preemptible one.
    """
    series = family(name)
    if series in _SHARED_CPU_METRIC:
        return "CPUS"
    return f"{series.upper()}_CPUS" if series in _OWN_CPU_METRIC else None
