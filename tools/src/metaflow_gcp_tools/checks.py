"""What a check found: `preflight` before a deployment, `configure` on a machine, registries of an image."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from metaflow_gcp_tools.problems import CommandFailed


class State(StrEnum):
    """How a check ended. The worst first."""

    FAIL = "FAIL"
    """What is checked for fails: a deployment, or flows on this machine."""
    UNKNOWN = "UNKNOWN"
    """Inconclusive: it may be either. Nothing is ready as long as this is not known."""
    WARN = "WARN"
    """It works, and something is missing for what comes after: pools cannot grow, or kubectl is not there."""
    PASS = "PASS"  # noqa: S105 - no password
    SKIP = "SKIP"
    """There is nothing to check, or it would say no more than another one that failed."""


@dataclass(frozen=True, kw_only=True)
class Check:
    topic: str
    """Of preflight: `tools`, `network`, `credentials`, `state`, `project`, `rights`, `apis`, `endpoint`, `machines`,
    `quotas` or `images`. Of configure: `machine`."""
    name: str
    """What was checked, unique within the topic."""
    state: State
    says: str
    """What was found."""
    next_step: str = ""
    """The page and the command that fix it; not empty for WARN, FAIL and UNKNOWN."""
    need: Mapping[str, int] | None = None
    """Of a quota: `at_start` and `at_maximum`."""
    limit: float | None = None
    in_use: float | None = None
    fits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Where it would fit now: `zones` of the region, other `regions`, other `gpu_types`."""
    also: tuple[str, ...] = ()
    """The names, with their topics, of others that are unknown for the same reason, and are told with this one."""

    @classmethod
    def passed(cls, topic: str, name: str, says: str) -> Self:
        return cls(topic=topic, name=name, state=State.PASS, says=says)

    @classmethod
    def skipped(cls, topic: str, name: str, says: str) -> Self:
        return cls(topic=topic, name=name, state=State.SKIP, says=says)

    @classmethod
    def failed(cls, topic: str, name: str, says: str, next_step: str) -> Self:
        return cls(topic=topic, name=name, state=State.FAIL, says=says, next_step=next_step)

    @classmethod
    def of(cls, error: CommandFailed, topic: str, name: str, *, state: State = State.UNKNOWN) -> Self:
        """Of an error that kept it from being known, or that is what was found."""
        return cls(topic=topic, name=name, state=state, says=error.what, next_step=error.next_step)

    @property
    def blocks(self) -> bool:
        """Whether a deployment would fail."""
        return self.state is State.FAIL

    @property
    def full_name(self) -> str:
        """As people are told."""
        return f"{self.topic}: {self.name}"


def one_for_each_cause(checks: Iterable[Check]) -> Iterator[Check]:
    """The checks, those that are unknown for the same reason as one."""
    by_cause: dict[object, list[Check]] = {}
    for check in checks:
        cause = (check.says, check.next_step) if check.state is State.UNKNOWN else check.full_name
        by_cause.setdefault(cause, []).append(check)
    for first, *others in by_cause.values():
        yield replace(first, need=None, also=tuple(each.full_name for each in others)) if others else first


def ready(checks: Sequence[Check]) -> tuple[bool | None, list[Check]]:
    """Whether a deployment works, `None` when that is not known, and the checks that say so."""
    failed = [check for check in checks if check.state is State.FAIL]
    if failed:
        return False, failed
    unknown = [check for check in checks if check.state is State.UNKNOWN]
    return (None, unknown) if unknown else (True, [])
