"""What the families of machine types take: the library's own table, `machine_families.json`."""

import json
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


def _family(machine: str) -> dict[str, Any] | None:
    name = machine.partition("-")[0]
    found: dict[str, Any] | None = _families().get("n1" if name == "custom" else name)
    return found


@cache
def _families() -> dict[str, Any]:
    return dict(json.loads(_FILE.read_text(encoding="utf-8"))["families"])
