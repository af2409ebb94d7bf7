"""What a check found."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How a check ended."""

    PASS = "PASS"  # noqa: S105 - no password
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"
    """It could not be found out, and may be either."""
    SKIP = "SKIP"
    """There is nothing to check, or it would say no more than another one that failed."""


@dataclass(frozen=True, kw_only=True)
class Check:
    topic: str
    """`tools`, `credentials`, `project`, `rights`, `apis`, `machines` or `quotas`."""
    name: str
    """What was checked, unique within the topic."""
    state: State
    says: str
    """What was found."""
    next_step: str = ""
    """The page and the command that mend it; not empty for a FAIL."""
    blocks: bool = False
    """Whether a deployment would fail. A FAIL that does not block keeps pools from growing, or people from working."""
    need: Mapping[str, int] | None = None
    """Of a quota: `at_start` and `at_maximum`."""
    limit: float | None = None
    in_use: float | None = None
    fits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Where it would fit now: `zones` of the region, other `regions`, other `gpu_types`."""

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self) | {"need": self.need and dict(self.need), "fits": dict(self.fits)}
