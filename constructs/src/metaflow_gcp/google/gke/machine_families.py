"""The families of Compute Engine's machine types: `machine_families.json`, typed. Needs no Node.

A family that is not there may well exist: newer ones come every few months.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("machine_families.json")


@dataclass(frozen=True, kw_only=True)
class Family:
    """What the machine types of a family have in common."""

    name: str
    boot_disks: tuple[str, ...]
    """The types of boot disk that GKE gives its nodes."""
    gb_per_vcpu: Mapping[str, float]
    """Kind (`standard`, `highmem`, `highcpu`, ...) -> GB of memory for one vCPU."""
    arm: bool = False
    """An Arm processor: images for amd64 do not run there."""
    gpus: bool = False
    """Its machine types have GPUs built in."""


def family_of(machine_type: str) -> Family | None:
    """`c2d` of `c2d-standard-4`; `None` for one that is not known. A custom type without a family is an N1."""
    first = machine_type.split("-", 1)[0]
    return _families().get("n1" if first == "custom" else first)


def memory_gb(machine_type: str) -> float | None:
    """Of the machine types whose memory does not follow from the family's."""
    found = _document()["memory_gb"].get(machine_type)
    return None if found is None else float(found)


def shared_core(machine_type: str) -> tuple[int, float] | None:
    """VCPUs and memory in GB of a machine type that has only a part of a core, such as e2-medium."""
    found = _document()["shared_core"].get(machine_type)
    return None if found is None else (int(found["vcpus"]), float(found["memory_gb"]))


@cache
def _families() -> Mapping[str, Family]:
    return {
        name: Family(name=name, **(facts | {"boot_disks": tuple(facts["boot_disks"])}))
        for name, facts in _document()["families"].items()
    }


@cache
def _document() -> dict[str, Any]:
    return dict(json.loads(_FILE.read_text("utf-8")))
