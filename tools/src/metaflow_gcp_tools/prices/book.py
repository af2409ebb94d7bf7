"""A price list: what a unit of each item costs, by region.

    book = Book.shipped()
    book.rate("sql/vcpu", "us-west1")                           # an hour of a vCPU
    book.rate("machine/g2-standard-12/spot", "us-west1")        # an hour of a node

Items are named `<what>/<which>`; `items.py` has their units and what Google's catalog calls them. `machine/...` is an
hour of a machine of that type with its GPUs and its local SSDs: listed, or computed from vCPUs and memory.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal, Self

from metaflow_gcp_tools.platform import machine_types

VERSION = 1

HOURS = 730
"""Of a month, as Google's own pages and calculator count them."""

EVERYWHERE = "*"
"""In place of a region: the same price in all."""

Provisioning = Literal["on demand", "spot", "flex-start"]

_SHARED_CORES = {"e2-micro": 0.25, "e2-small": 0.5, "e2-medium": 1.0}
"""vCPUs that are paid for. https://cloud.google.com/compute/docs/general-purpose-machines#e2-shared-core"""

_CUSTOM_PREMIUM = 1.05
"""https://cloud.google.com/compute/vm-instance-pricing#custommachinetypepricing; E2 has none."""


@dataclass(frozen=True, kw_only=True)
class Book:
    currency: str
    """ISO 4217."""
    date: str
    """Of the prices."""
    source: str
    """In words, for people."""
    rates: Mapping[str, Mapping[str, float]]
    """Item -> region, or `EVERYWHERE`, -> price of one unit."""

    @classmethod
    def shipped(cls) -> Self:
        """The list that comes with this command, with its sources in it."""
        text = (resources.files("metaflow_gcp_tools.prices") / "prices.json").read_text("utf-8")
        return cls.parse(text, source="metaflow-gcp's built-in price list")

    @classmethod
    def parse(cls, text: str, *, source: str) -> Self:
        """Raises `ValueError` for what is no price list of this version."""
        try:
            found: dict[str, Any] = json.loads(text)
            if found["version"] != VERSION:
                raise ValueError(f"version {found['version']!r}")
            return cls(currency=found["currency"], date=found["date"], source=source, rates=found["rates"])
        except (KeyError, TypeError) as error:
            raise ValueError(f"no price list: {error}") from None

    def rate(self, item: str, region: str) -> float | None:
        """What one unit costs; `None`: it is not known."""
        listed = self.rates.get(item, {})
        price = listed.get(region, listed.get(EVERYWHERE))
        if price is None and item.startswith("machine/"):
            return self._machine(item.removeprefix("machine/"), region)
        return price

    def _machine(self, name: str, region: str) -> float | None:
        """From vCPUs and memory, of a machine without GPUs and local SSDs of its own."""
        machine, _, provisioning = name.partition("/")
        size = machine_types.size(machine)
        if size is None or machine.endswith("lssd") or machine_types.has_gpus(machine):
            return None
        end = f"/{provisioning}" if provisioning else ""
        family = machine_types.family(machine)
        vcpu, memory = (self.rate(f"{kind}/{family}{end}", region) for kind in ("vcpu", "memory"))
        if vcpu is None or memory is None:
            return None
        premium = _CUSTOM_PREMIUM if "custom-" in machine and family != "e2" else 1
        return premium * (_SHARED_CORES.get(machine, size[0]) * vcpu + size[1] * memory)


def machine(name: str, provisioning: Provisioning) -> str:
    """The item of an hour of a machine."""
    return f"machine/{name}" if provisioning == "on demand" else f"machine/{name}/{provisioning}"
