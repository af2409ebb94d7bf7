"""What a machine type's name says: vCPUs, memory, boot disk, and the quota its vCPUs draw on. Needs no Node.

A name that is not known here may well exist: `None` means unknown, never wrong.
"""

import re

from metaflow_gcp.checks import is_token
from metaflow_gcp.google.gke import gpu_catalogue, machine_families

# Google names a type by family, kind and vCPUs, and puts what is special behind: c3-standard-8-lssd. A number with a
# letter counts something else: a2-highgpu-4g has four GPUs, ct6e-standard-4t four TPUs.
# https://cloud.google.com/compute/docs/machine-resource
_PREDEFINED = re.compile(
    r"[a-z][a-z0-9]*(-[48]t)?-(?P<kind>standard|highmem|highcpu|megamem|ultramem|hypermem)-(?P<vcpus>[1-9][0-9]*)(-.+)?"
)
# Memory in MB. https://cloud.google.com/compute/docs/instances/creating-instance-with-custom-machine-type
_CUSTOM = re.compile(r"(?:[a-z][a-z0-9]*-)?custom-(?P<vcpus>[1-9][0-9]*)-(?P<memory_mb>[1-9][0-9]*)(-ext)?")

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


def vcpus(name: str) -> int | None:
    if gpu_machine := gpu_catalogue.machine_type(name):
        return gpu_machine.vcpus
    if shared := machine_families.shared_core(name):
        return shared[0]
    named = _CUSTOM.fullmatch(name) or _PREDEFINED.fullmatch(name)
    return int(named["vcpus"]) if named else None


def memory_gb(name: str) -> float | None:
    """Never less than a node has: Google rounds the small ones down (a c4-standard-2 has 7 GB, not 7.5)."""
    if gpu_machine := gpu_catalogue.machine_type(name):
        return float(gpu_machine.memory_gb)
    if shared := machine_families.shared_core(name):
        return shared[1]
    if (exception := machine_families.memory_gb(name)) is not None:
        return exception
    if custom := _CUSTOM.fullmatch(name):
        return int(custom["memory_mb"]) / 1024
    family, predefined = machine_families.family_of(name), _PREDEFINED.fullmatch(name)
    if family and predefined and predefined["kind"] in family.gb_per_vcpu:
        return round(int(predefined["vcpus"]) * family.gb_per_vcpu[predefined["kind"]], 2)
    return None


def default_disk_type(name: str) -> str:
    """`pd-balanced`, or `hyperdisk-balanced` where the machine type takes no Persistent Disk.

    Nor does a family that is not known, most likely: it is a newer one, and since N4 none of them did but Z3.
    """
    newer = not is_token(name) and machine_families.family_of(name) is None
    return "hyperdisk-balanced" if newer or needs_hyperdisk(name) else "pd-balanced"


def boot_disks(name: str) -> tuple[str, ...] | None:
    """The types of boot disk that it takes; `None` for one that is not known."""
    gpu_machine, family = gpu_catalogue.machine_type(name), machine_families.family_of(name)
    if gpu_machine and gpu_machine.disk_type == "hyperdisk-balanced":
        # Of a family that takes others, too: a3-ultragpu-8g.
        return (gpu_machine.disk_type,)
    return family.boot_disks if family else None


def needs_hyperdisk(name: str) -> bool:
    """Whether it is known to take no Persistent Disk."""
    disks = boot_disks(name)
    return disks is not None and not any(disk.startswith("pd-") for disk in disks)


def is_arm(name: str) -> bool:
    """Whether it is known to have an Arm processor, on which images for amd64 do not run."""
    family = machine_families.family_of(name)
    return family is not None and family.arm


def cpu_quota_metric(name: str) -> str | None:
    """The regional metric that the vCPUs count in; `None` for newer families, which Compute Engine counts by family.

    Spot and flex-start machines count in the same metric until the project has been granted a preemptible one.
    """
    family = machine_families.family_of(name)
    series = family.name if family else ""
    if series in _SHARED_CPU_METRIC:
        return "CPUS"
    return f"{series.upper()}_CPUS" if series in _OWN_CPU_METRIC else None
