"""Differences that are none."""

import pytest

from rehearsal.cloud.suppress import SAME


@pytest.mark.parametrize(
    ("name", "old", "new", "same"),
    [
        ("link", "https://www.googleapis.com/compute/v1/projects/p/global/networks/n", "n", True),
        ("link", "projects/p/global/networks/n", "https://x/compute/beta/projects/p/global/networks/n", True),
        ("link", "projects/p/global/networks/n", "projects/q/global/networks/n", False),
        ("path", "projects/p/global/networks/n", "n", False),
        ("name", "b/x", "x", True),
        ("member", "user:ada@example.com", "user:Ada@Example.com", True),
        ("member", "allUsers", "allusers", False),
        ("member", "principal://a/B", "principal://a/b", False),
        ("case", "UTF8", "utf8", True),
        ("case and dashes", "PD_SSD", "pd-ssd", True),
        ("duration", "3600s", "1h", True),
        ("duration", "3600s", "2h", False),
        ("leading zero", "03:00", "3:00", True),
        ("size of a range", "10.4.0.0/14", "/14", True),
        ("port range", "80-80", "80", True),
        ("address", "10.0.0.5", "projects/p/regions/r/addresses/a", True),
        ("address", "10.0.0.5", "10.0.0.6", False),
        ("every day", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "FREQ=DAILY", True),
    ],
)
def test_differences_that_are_none(name, old, new, same):
    assert SAME[name](old, new) is same
