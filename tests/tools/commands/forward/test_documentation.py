"""docs/commands/forward.md and run.md say what is so."""

import re
from pathlib import Path

import pytest

from metaflow_gcp_tools.commands.forward import background, ports
from metaflow_gcp_tools.commands.forward.status import State
from metaflow_gcp_tools.commands.forward.tunnel import Pace
from metaflow_gcp_tools.commands.run import session

DOCS = Path(__file__).parents[4] / "docs/commands"


@pytest.fixture(scope="module")
def forward() -> str:
    return " ".join((DOCS / "forward.md").read_text("utf-8").split())


@pytest.fixture(scope="module")
def run() -> str:
    return " ".join((DOCS / "run.md").read_text("utf-8").split())


def test_the_states(forward: str) -> None:
    assert re.findall(r"\| `([a-z ]+)` \| [^`]*?\|", forward)[: len(State)] == list(State)


def test_the_figures(forward: str, run: str) -> None:
    pace = Pace()
    for said in (
        f"Every {pace.probe_every:g} seconds",
        f"no response within {pace.probe_timeout:g} seconds",
        f"after {pace.first_pause:g} seconds at first",
        f"twice as long each time, up to {pace.longest_pause:g} seconds",
        f"not ready within {pace.start_within:g} seconds",
        f"up to {pace.start_within_at_most:g} seconds",
        f"after {background.OPEN_WITHIN:g} seconds",
        f"two files of at most {background.LOG_BYTES // 1024} KiB",
    ):
        assert said in forward
    assert pace.strikes == 2
    assert f"longer than {session.OPEN_WITHIN:g} seconds" in run


def test_the_variables(run: str) -> None:
    assert [use.variable for use in ports.USES.values() if f"`{use.variable}`" not in run] == []


def test_the_picture_shows_a_table_of_today() -> None:
    """`scripts/tool_pictures.py forward` makes it again."""
    shown = re.sub(r"&#160;|\xa0", " ", (DOCS / "forward.svg").read_text("utf-8"))
    for said in ("forward", "address", "state", "since", "restarts", State.OPEN, State.NOT_READY, *ports.USES):
        assert re.search(rf"> *{said}", shown)
