"""What tasks wait for: one vocabulary for people, and for programs that read `status --json`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Reason = Literal[
    "affinity",
    "cluster limit",
    "container",
    "limit of a task",
    "no address",
    "no capacity",
    "no such node",
    "not ready",
    "pod security",
    "pools full",
    "quota",
    "refused lately",
    "reservation",
    "resource quota",
    "starting",
    "taint",
    "too large",
    "unknown",
    "volume",
]

PATIENT: tuple[Reason, ...] = ("pools full", "starting")
"""These end by themselves: nothing is wrong."""


@dataclass(frozen=True, kw_only=True)
class Why:
    """What tasks wait for."""

    reason: Reason
    what: str
    next_step: str


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Tasks that wait for the same."""

    why: Why
    tasks: tuple[str, ...]
    """Names of pods; of Jobs and workflows' nodes, when there is no pod."""
    since: datetime | None
    """When the first of them was made."""
