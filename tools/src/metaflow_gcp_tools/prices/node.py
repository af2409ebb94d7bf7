"""What an hour of a node costs: its machine, GPUs that are attached to it, its boot disk, and its use of Cloud NAT."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from metaflow_gcp_tools.platform import machine_types
from metaflow_gcp_tools.prices.book import HOURS, Book, Provisioning, machine


@dataclass(frozen=True, kw_only=True)
class Node:
    """As GKE describes the nodes of a pool."""

    machine_type: str
    provisioning: Provisioning
    gpus: Mapping[str, int]
    """Those that are attached to the machine: with many types they are part of it."""
    disk_type: str
    disk_gb: int

    @property
    def uses(self) -> dict[str, float]:
        """Item -> units, in an hour."""
        attached = {} if machine_types.has_gpus(self.machine_type) else self.gpus
        return {
            machine(self.machine_type, self.provisioning): 1,
            **{_gpu(name, self.provisioning): count for name, count in attached.items()},
            f"disk/{self.disk_type}": self.disk_gb / HOURS,
        }


@dataclass(frozen=True, kw_only=True)
class Hour:
    price: float | None
    """`None`: unknown."""
    at_most: bool
    """The list knows only the price on demand, which is higher."""
    discount: float
    """Of spot and flex-start: the part that is saved of the price on demand, 0 to 1."""


def hour(node: Node, book: Book, region: str) -> Hour:
    """Of one node, with what Cloud NAT asks for it."""
    price, full = (
        total({**replace(node, provisioning=how).uses, "nat/node": 1}, book, region)
        for how in (node.provisioning, "on demand")
    )
    if price is None or full is None:
        return Hour(price=full if price is None else price, at_most=price is None and full is not None, discount=0)
    return Hour(price=price, at_most=False, discount=1 - price / full)


def total(uses: Mapping[str, float], book: Book, region: str) -> float | None:
    """What these units cost together; `None` when one's price is not known."""
    prices = [(book.rate(item, region), units) for item, units in uses.items()]
    return None if any(price is None for price, _ in prices) else sum(price * units for price, units in prices if price)


def of_pool(node_config: Mapping[str, Any], gpus: Mapping[str, int]) -> Node:
    """From `node_config` of Terraform's resource, with GKE's defaults for what it leaves out."""
    provisioning: Provisioning = (
        "spot" if node_config.get("spot") else "flex-start" if node_config.get("flex_start") else "on demand"
    )
    return Node(
        machine_type=str(node_config.get("machine_type") or "e2-medium"),
        provisioning=provisioning,
        gpus=gpus,
        disk_type=str(node_config.get("disk_type") or "pd-balanced"),
        disk_gb=int(node_config.get("disk_size_gb") or 100),
    )


def _gpu(name: str, provisioning: Provisioning) -> str:
    return f"gpu/{name}" if provisioning == "on demand" else f"gpu/{name}/{provisioning}"
