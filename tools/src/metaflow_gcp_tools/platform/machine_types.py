"""What a machine type's name says, by the library's own tables: vCPUs, memory, processor. `None`: it is not known here.

https://cloud.google.com/compute/docs/machine-resource
"""

import json
import re
from functools import cache
from importlib import resources
from typing import Any, Literal

_PREDEFINED = re.compile(
    r"(?P<family>[a-z][a-z0-9]*)-(?P<kind>standard|highmem|highcpu|megamem|ultramem|hypermem)-(?P<vcpus>[1-9][0-9]*)(-.+)?"
)
_CUSTOM = re.compile(r"(?:[a-z][a-z0-9]*-)?custom-(?P<vcpus>[1-9][0-9]*)-(?P<memory_mb>[1-9][0-9]*)(-ext)?")


def family(name: str) -> str:
    """`e2` of `e2-standard-8`. A custom type without a family is an N1."""
    first = name.partition("-")[0]
    return "n1" if first == "custom" else first


def architecture(name: str) -> Literal["amd64", "arm64"] | None:
    """As Kubernetes calls it."""
    facts = _families()["families"].get(family(name))
    return None if facts is None else "arm64" if facts.get("arm") else "amd64"


def size(name: str) -> tuple[int, float] | None:
    """VCPUs, and GB of memory, which are GiB."""
    if gpu_machine := _gpu_catalogue()["machine_types"].get(name):
        return int(gpu_machine["vcpus"]), float(gpu_machine["memory_gb"])
    if shared := _families()["shared_core"].get(name):
        return int(shared["vcpus"]), float(shared["memory_gb"])
    if custom := _CUSTOM.fullmatch(name):
        return int(custom["vcpus"]), int(custom["memory_mb"]) / 1024
    if predefined := _PREDEFINED.fullmatch(name):
        vcpus = int(predefined["vcpus"])
        for_one = _families()["families"].get(predefined["family"], {}).get("gb_per_vcpu", {}).get(predefined["kind"])
        memory = _families()["memory_gb"].get(name) or (for_one and round(vcpus * for_one, 2))
        return (vcpus, float(memory)) if memory else None
    return None


def has_gpus(name: str) -> bool:
    """Whether GPUs are part of the machine, and not attached to it."""
    return name in _gpu_catalogue()["machine_types"]


def is_shared_core_e2(name: str) -> bool:
    return family(name) == "e2" and name in _families()["shared_core"]


def gpu_machines() -> dict[str, dict[str, Any]]:
    """Those that GPUs are part of: `gpu`, `gpu_count`, `vcpus`, `memory_gb`."""
    return dict(_gpu_catalogue()["machine_types"])


def gpu_quota_metrics() -> dict[str, str | None]:
    """Each GPU's metric on demand; `None` where Google documents none."""
    return {gpu: facts["quota_metric"] for gpu, facts in _gpu_catalogue()["gpus"].items()}


@cache
def _families() -> dict[str, Any]:
    return _read("machine_families.json")


@cache
def _gpu_catalogue() -> dict[str, Any]:
    return _read("gpu_catalogue.json")


def _read(name: str) -> dict[str, Any]:
    return dict(json.loads((resources.files("metaflow_gcp_tools.platform") / name).read_text("utf-8")))
