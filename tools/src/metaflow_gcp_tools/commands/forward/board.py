"""What a person sees of the forwards: a table that lives on a terminal, otherwise a line for each change."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from metaflow_gcp_tools.commands.forward.kubectl import OF_CLUSTER
from metaflow_gcp_tools.commands.forward.status import State, Status

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table

_STYLES = {
    State.OPEN: "green",
    State.STARTING: "cyan",
    State.RECONNECTING: "yellow",
    State.NOT_READY: "yellow",
    State.PORT_BUSY: "red",
}


def _clock(moment: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(moment))


def _note(status: Status) -> str:
    return f"{status.note}: {status.next_step}" if status.next_step else status.note


class News:
    """Changes that are worth a line: not each attempt at what goes wrong in the same way as before, or for all."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[State, str]] = {}

    def line(self, status: Status) -> str | None:
        """Without a date; `None` when there is nothing new."""
        new = status.state, status.note
        if status.state == State.STARTING or self._told.get(status.name) == new:
            return None
        known = status.note in OF_CLUSTER and new in self._told.values()
        self._told[status.name] = new
        if known:
            return None
        note = f"  {_note(status)}" if status.note else ""
        return f"{status.name:<16}  {status.state:<12}  {status.url}{note}"


def table(statuses: Sequence[Status]) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("forward", "address", "state", "since"):
        made.add_column(heading, no_wrap=True)
    made.add_column("restarts", justify="right")
    made.add_column("")
    for status in statuses:
        made.add_row(
            status.name,
            status.url,
            Text(status.state, style=_STYLES[status.state]),
            _clock(status.since),
            str(status.restarts),
            Text(_note(status), style="dim"),
        )
    return made


class Board:
    """`show` is to be called after each change."""

    def __init__(self, console: "Console") -> None:
        self._console = console
        self._live: Live | None = None
        self._news = News()

    @contextmanager
    def shown(self) -> Iterator[None]:
        if not self._console.is_interactive:
            yield
            return
        from rich.live import Live

        # Drawn when something changes: an idle forward costs nothing.
        with Live(console=self._console, auto_refresh=False) as self._live:
            yield

    def show(self, changed: Status, statuses: Sequence[Status]) -> None:
        if self._live:
            self._live.update(table(statuses), refresh=True)
        elif line := self._news.line(changed):
            self._console.print(f"{_clock(time.time())}  {line}", markup=False)
