"""What the parts at rest cost in a month, an hour of each pool's nodes, and what a change adds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from metaflow_gcp_tools.commands.plan import at_rest, pools
from metaflow_gcp_tools.prices import node as nodes
from metaflow_gcp_tools.prices.book import Book, Provisioning


@dataclass(frozen=True, kw_only=True)
class Price:
    """Of what is paid for by use."""

    price: float | None
    unit: str


@dataclass(frozen=True, kw_only=True)
class Cost:
    what: str
    month: float | None
    """`None`: not known. 0 for what is paid for by use only."""
    by_use: tuple[Price, ...]


@dataclass(frozen=True, kw_only=True)
class PoolHour:
    pool: str
    machine: str
    """In words."""
    provisioning: Provisioning
    hour: nodes.Hour


@dataclass(frozen=True, kw_only=True)
class Costs:
    book: Book
    region: str
    at_rest: tuple[Cost, ...]
    hours: tuple[PoolHour, ...]

    @property
    def month(self) -> float:
        """Of all that is known."""
        return sum(cost.month or 0 for cost in self.at_rest)

    @property
    def unknown(self) -> list[str]:
        return [cost.what for cost in self.at_rest if cost.month is None]


def of(resources: at_rest.Resources, book: Book, region: str) -> Costs:
    return Costs(
        book=book,
        region=region,
        at_rest=tuple(_cost(part, book, region) for part in at_rest.parts(resources)),
        hours=tuple(
            PoolHour(
                pool=str(pool.get("name") or ""),
                machine=pools.machine(pool),
                provisioning=pools.node(pool).provisioning,
                hour=nodes.hour(pools.node(pool), book, region),
            )
            for pool in resources.of_type("google_container_node_pool")
        ),
    )


def _cost(part: at_rest.Part, book: Book, region: str) -> Cost:
    return Cost(
        what=part.what,
        month=nodes.total(part.uses, book, region),
        by_use=tuple(
            Price(price=book.rate(item, part.location or region), unit=unit) for item, unit in part.by_use.items()
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Of a change."""

    before: Costs
    after: Costs

    @property
    def month(self) -> float:
        return self.after.month - self.before.month

    @property
    def gone(self) -> list[Cost]:
        return _without(self.before.at_rest, self.after.at_rest)

    @property
    def new(self) -> list[Cost]:
        return _without(self.after.at_rest, self.before.at_rest)


def _without(costs: Sequence[Cost], others: Sequence[Cost]) -> list[Cost]:
    """Those that are not among the others, of equal ones as many as there are more."""
    return list((Counter(costs) - Counter(others)).elements())


class _Planned:
    """Resources of a plan of Terraform's, before or after it."""

    def __init__(self, plan: dict[str, Any], when: str) -> None:
        self._plan, self._when = plan, when

    def of_type(self, type_: str) -> list[dict[str, Any]]:
        return [
            resource["change"][self._when]
            for resource in self._plan.get("resource_changes", ())
            if resource.get("mode") == "managed" and resource["type"] == type_ and resource["change"].get(self._when)
        ]


def difference(plan: dict[str, Any], book: Book) -> Difference:
    """What the plan (as `terraform_plan.read` gives it) changes."""
    region = provider(plan, "region")
    return Difference(
        before=of(_Planned(plan, "before"), book, region), after=of(_Planned(plan, "after"), book, region)
    )


def provider(plan: dict[str, Any], setting: str) -> str:
    """A setting of the google provider; empty when it is none that is written there."""
    configured = plan.get("configuration", {}).get("provider_config", {}).get("google", {}).get("expressions", {})
    return str(configured.get(setting, {}).get("constant_value", ""))
