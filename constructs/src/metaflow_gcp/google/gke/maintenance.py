"""When GKE may upgrade the cluster. Needs no Node.

https://cloud.google.com/kubernetes-engine/docs/how-to/maintenance-windows-and-exclusions
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from metaflow_gcp.checks import Checks

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_MIN_HOURS = 4
"""A shorter window does not count for GKE."""
_MAX_HOURS = 24
_REQUIRED_HOURS = 48
_WEEKS = 4
"""Each weekday falls at least four times into any 32 days, the span in which GKE wants its 48 hours."""


@dataclass(frozen=True, kw_only=True)
class RecurringWindow:
    """As GKE's API has it: the first window, and how it comes back."""

    start_time: str
    end_time: str
    recurrence: str


def check(checks: Checks, where: str, *, start_hour_utc: int, duration_hours: int, days: Sequence[str]) -> None:
    """Add every problem of a window that opens at an hour (UTC) on some days of the week."""
    before = len(checks.problems)
    checks.between(f"{where}.start_hour_utc", start_hour_utc, 0, 23)
    checks.between(f"{where}.duration_hours", duration_hours, _MIN_HOURS, _MAX_HOURS, "hours")
    for index, day in enumerate(days):
        entry = f"{where}.days[{index}]"
        if day not in DAYS:
            checks.add(entry, wrong=f"{day!r} is not known", allowed=", ".join(DAYS), fix="use two capital letters")
        elif day in days[:index]:
            checks.add(entry, wrong=f"{day!r} is named twice", allowed="each day once", fix="remove one of them")
    if len(checks.problems) > before:
        return
    hours = _WEEKS * len(days) * duration_hours
    if hours < _REQUIRED_HOURS:
        checks.add(
            f"{where}.days",
            wrong=f"{len(days)} day(s) a week of {duration_hours} hours are {hours} hours in 32 days "
            f"({len(days)} x {duration_hours} x {_WEEKS} weeks)",
            allowed=f"{_REQUIRED_HOURS} hours or more in any 32 days: GKE refuses less",
            fix="add days, or hours: days x hours must be 12 or more",
        )


def recurring_window(*, start_hour_utc: int, duration_hours: int, days: Sequence[str]) -> RecurringWindow:
    """The window for GKE's API. The first one lies in the past, at a fixed date: a plan must not depend on today."""
    in_order = sorted(days, key=DAYS.index)
    a_monday = datetime(2025, 1, 6, tzinfo=UTC)
    start = a_monday + timedelta(days=DAYS.index(in_order[0]), hours=start_hour_utc)
    return RecurringWindow(
        start_time=_rfc3339(start),
        end_time=_rfc3339(start + timedelta(hours=duration_hours)),
        recurrence=f"FREQ=WEEKLY;BYDAY={','.join(in_order)}",
    )


def _rfc3339(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
