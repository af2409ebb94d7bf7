"""What a person reads."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from metaflow_gcp_tools.checks import Check, State
from metaflow_gcp_tools.commands.preflight.show import Report, closing


def check(state, **more):
    return Check(topic="quotas", name=f"a {state.lower()}", state=state, says="found", **more)


GOOD = check(State.PASS, need={"at_start": 6, "at_maximum": 146}, limit=200.0, in_use=1.5)
WARNING = check(State.WARN, next_step="fix it")
BLOCKING = check(State.FAIL, next_step="fix it")
UNKNOWN = check(State.UNKNOWN, next_step="look at it")


def shown(*checks, terminal):
    text = io.StringIO()
    with Report(
        Console(file=text, force_terminal=terminal, width=100, markup=False, _environ={"NO_COLOR": "1"})
    ) as report:
        for each in checks:
            report.add(each)
    report.close()
    return text.getvalue()


def test_elsewhere_than_on_a_terminal_each_check_is_a_line():
    assert shown(GOOD, BLOCKING, terminal=False).splitlines()[:-1] == [
        "PASS     quotas: a pass: need 6 to 146; limit 200; in use 1.5; found",
        "FAIL     quotas: a fail: found",
        "         -> fix it",
    ]


def test_on_a_terminal_there_is_a_table_and_each_next_step_once():
    said = shown(GOOD, WARNING, BLOCKING, UNKNOWN, terminal=True)
    assert "need" in said
    assert "6 to 146" in said
    assert said.count("fix it") == 1
    assert said.count("look at it") == 1


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ([GOOD], "Ready to deploy: all 1 checks are fine. Run `make deploy`."),
        ([GOOD, WARNING], "Ready to deploy, with 1 warning (quotas: a warn). Run `make deploy`."),
        (
            [GOOD, BLOCKING, WARNING, UNKNOWN],
            "Not ready: 1 of 4 checks blocks the deployment (quotas: a fail). Fix it, then retry.",
        ),
        (
            [BLOCKING, BLOCKING],
            "Not ready: 2 of 2 checks block the deployment (quotas: a fail; quotas: a fail). Fix them, then retry.",
        ),
        ([GOOD, WARNING, UNKNOWN], "Not known to be ready: 1 of 3 checks is inconclusive (quotas: a unknown)."),
        (
            [GOOD, replace(UNKNOWN, also=("machines: b", "quotas: c"))],
            "Not known to be ready: 3 of 4 checks are inconclusive (quotas: a unknown and 2 more).",
        ),
    ],
)
def test_the_last_line_says_what_to_do(checks, said):
    assert closing(checks) == said
