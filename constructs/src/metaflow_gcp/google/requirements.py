"""What a construct needs from the project before it can exist: APIs, and quotas at first start and at its maximum."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A quota metric of the Compute Engine API and what is drawn on it."""

    metric: str
    """As Compute Engine lists it: `NVIDIA_L4_GPUS`, `CPUS`, `SSD_TOTAL_GB`."""
    region: str | None
    """The region it is counted in; `None` for a global metric such as `GPUS_ALL_REGIONS`."""
    at_start: int
    """Drawn as soon as the deployment is done, nothing running."""
    at_maximum: int
    """Drawn when every pool has grown to its limit."""


@dataclass(frozen=True, kw_only=True)
class Requirements:
    """What must be there. Add two to have what both need: APIs are united, quotas of one metric summed."""

    apis: frozenset[str] = field(default_factory=frozenset)
    quotas: tuple[Quota, ...] = ()

    def __add__(self, other: "Requirements") -> "Requirements":
        drawn: dict[tuple[str, str | None], Quota] = {}
        for quota in (*self.quotas, *other.quotas):
            key = (quota.metric, quota.region)
            before = drawn.get(key)
            drawn[key] = Quota(
                metric=quota.metric,
                region=quota.region,
                at_start=quota.at_start + (before.at_start if before else 0),
                at_maximum=quota.at_maximum + (before.at_maximum if before else 0),
            )
        return Requirements(apis=self.apis | other.apis, quotas=tuple(drawn.values()))


def required_by(scope: Any) -> Requirements:
    """What the constructs in a scope need, a stack for one: each of this library's that needs anything says so itself.

    Without what the scope itself says.
    """
    parts = (getattr(part, "requirements", None) for part in scope.node.find_all() if part is not scope)
    return sum((each for each in parts if isinstance(each, Requirements)), Requirements())
