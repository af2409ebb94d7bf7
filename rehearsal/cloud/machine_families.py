"""What the families of machine types take: the library's own table, `machine_families.json`."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent.parent / "schemas" / "machine_families.json"


def boot_disks(machine: str) -> tuple[str, ...] | None:
    """The types of disk that it takes; `None` for a family that is not known."""
    if machine.startswith("a3-ultragpu-"):
        # Unlike the rest of its family. https://cloud.google.com/compute/docs/accelerator-optimized-machines
        return ("hyperdisk-balanced",)
    found = _family(machine)
    return None if found is None else tuple(found["boot_disks"])


def is_arm(machine: str) -> bool:
    return bool((_family(machine) or {}).get("arm"))


def kinds(machine: str) -> tuple[str, ...]:
    """The kinds of machine types that its family has; none where that is not known."""
    found = tuple((_family(machine) or {}).get("gb_per_vcpu", {}))
    return (*found, "ultramem", "megamem") if found and machine.startswith("n1-") else found


def size(machine: str) -> tuple[float, float] | None:
    """Its vCPUs and memory in GB; `None` where the name does not say them."""
    shared = _document()["shared_core"].get(machine)
    if shared:
        return float(shared["vcpus"]), float(shared["memory_gb"])
    if custom := re.fullmatch(r"(?:[a-z][a-z0-9]*-)?custom-(\d+)-(\d+)(-ext)?", machine):
        return float(custom[1]), int(custom[2]) / 1024
    named = re.fullmatch(r"[a-z][a-z0-9]*-(?P<kind>[a-z]+)-(?P<vcpus>\d+)(-[a-z].*)?", machine)
    per_vcpu = (_family(machine) or {}).get("gb_per_vcpu", {}).get(named["kind"]) if named else None
    if named is None or per_vcpu is None:
        return None
    exact = _document()["memory_gb"].get(machine)
    return float(named["vcpus"]), float(exact or int(named["vcpus"]) * per_vcpu)


def _family(machine: str) -> dict[str, Any] | None:
    name = machine.partition("-")[0]
    found: dict[str, Any] | None = _families().get("n1" if name == "custom" else name)
    return found


def _families() -> dict[str, Any]:
    return dict(_document()["families"])


@cache
def _document() -> dict[str, Any]:
    return dict(json.loads(_FILE.read_text(encoding="utf-8")))
