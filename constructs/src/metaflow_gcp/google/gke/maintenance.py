"""When GKE may upgrade the cluster. Needs no Node.

https://cloud.google.com/kubernetes-engine/docs/how-to/maintenance-windows-and-exclusions
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, get_args

from annotated_types import Ge, Le, Unit

from metaflow_gcp.checks import Checks
from metaflow_gcp.choices import check_each

Day = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
DAYS: tuple[Day, ...] = get_args(Day)

_REQUIRED_HOURS = 48
_WEEKS = 4
"""Each weekday falls at least four times into any 32 days, the span in which GKE wants its 48 hours."""


@dataclass(frozen=True, kw_only=True)
class RecurringWindow:
    """As GKE's API has it: the first window, and how it comes back."""

    start_time: str
    end_time: str
    recurrence: str


@dataclass(frozen=True, kw_only=True)
class MaintenanceWindow:
    """When GKE may upgrade the cluster and its nodes, which restarts what runs there."""

    start_hour_utc: Annotated[int, Ge(0), Le(23)] = 8
    """The hour (UTC) at which the window opens, 0 to 23. 8 is midnight in us-west1's winter."""
    duration_hours: Annotated[int, Ge(4), Le(24), Unit("hours")] = 6
    """Hours that it stays open, 4 to 24: a shorter window does not count for GKE, which wants 48 hours or more in any
    32 days: days x hours is 12 or more.
    https://cloud.google.com/kubernetes-engine/docs/concepts/maintenance-windows-and-exclusions"""
    days: tuple[Day, ...] = ("SA", "SU")
    """The days on which it opens: MO, TU, WE, TH, FR, SA, SU (UTC)."""

    def check(self, checks: Checks) -> None:
        before = len(checks.problems)
        check_each(checks, self)
        for index, day in enumerate(self.days):
            entry = f"days[{index}]"
            if day not in DAYS:
                checks.add(entry, wrong=f"{day!r} is not known", allowed=", ".join(DAYS), fix="use two capital letters")
            elif day in self.days[:index]:
                checks.add(entry, wrong=f"{day!r} is named twice", allowed="each day once", fix="remove one of them")
        if len(checks.problems) > before:
            return
        hours = _WEEKS * len(self.days) * self.duration_hours
        if hours < _REQUIRED_HOURS:
            checks.add(
                "days",
                wrong=f"{len(self.days)} day(s) a week of {self.duration_hours} hours are {hours} hours in 32 days "
                f"({len(self.days)} x {self.duration_hours} x {_WEEKS} weeks)",
                allowed=f"{_REQUIRED_HOURS} hours or more in any 32 days: GKE refuses less",
                fix="add days, or hours: days x hours must be 12 or more",
            )


def recurring_window(window: MaintenanceWindow) -> RecurringWindow:
    """The window for GKE's API. The first one lies in the past, at a fixed date: a plan must not depend on today."""
    in_order = sorted(window.days, key=DAYS.index)
    a_monday = datetime(2025, 1, 6, tzinfo=UTC)
    start = a_monday + timedelta(days=DAYS.index(in_order[0]), hours=window.start_hour_utc)
    return RecurringWindow(
        start_time=_rfc3339(start),
        end_time=_rfc3339(start + timedelta(hours=window.duration_hours)),
        recurrence=f"FREQ=WEEKLY;BYDAY={','.join(in_order)}",
    )


def _rfc3339(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
