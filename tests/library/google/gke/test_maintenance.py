import pytest

from metaflow_gcp.checks import Checks
from metaflow_gcp.google.gke.maintenance import DAYS, MaintenanceWindow, recurring_window


@pytest.mark.parametrize(
    ("hours", "days"),
    [(6, ("SA", "SU")), (12, ("SU",)), (4, ("MO", "WE", "FR")), (24, DAYS)],
)
def test_windows_of_48_hours_in_32_days_pass(hours, days):
    checks = Checks()
    MaintenanceWindow(start_hour_utc=0, duration_hours=hours, days=days).check(checks)
    assert checks.problems == []


def test_too_few_hours_are_refused_with_the_sum():
    checks = Checks()
    MaintenanceWindow(start_hour_utc=2, duration_hours=5, days=("SA", "SU")).check(checks)
    (problem,) = checks.problems
    assert problem.where == "days"
    assert "40 hours in 32 days (2 x 5 x 4 weeks)" in problem.wrong
    assert "48 hours" in problem.allowed


def test_no_day_is_no_window():
    checks = Checks()
    MaintenanceWindow(start_hour_utc=2, duration_hours=5, days=()).check(checks)
    assert "0 hours in 32 days" in checks.problems[0].wrong


def test_each_property_is_checked_before_the_sum():
    checks = Checks()
    MaintenanceWindow(start_hour_utc=24, duration_hours=3, days=("SA", "SAT", "SA")).check(checks)
    assert [problem.where for problem in checks.problems] == [
        "start_hour_utc",
        "duration_hours",
        "days[1]",
        "days[2]",
    ]


def test_the_first_window_opens_on_the_first_of_the_days():
    window = recurring_window(MaintenanceWindow(start_hour_utc=20, duration_hours=8, days=("SU", "SA")))
    assert window.start_time == "2025-01-11T20:00:00Z"  # a Saturday
    assert window.end_time == "2025-01-12T04:00:00Z"
    assert window.recurrence == "FREQ=WEEKLY;BYDAY=SA,SU"
