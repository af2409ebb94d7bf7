"""What a person sees of the forwards: a table that lives on a terminal, otherwise a line for each change."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from metaflow_gcp_tools.commands.forward import background, ports
from metaflow_gcp_tools.commands.forward.news import News, note
from metaflow_gcp_tools.commands.forward.records import Record
from metaflow_gcp_tools.commands.forward.status import State, Status
from metaflow_gcp_tools.platform.description import Platform

_STYLES = {
    State.OPEN: "green",
    State.STARTING: "cyan",
    State.RECONNECTING: "yellow",
    State.NOT_READY: "yellow",
    State.PORT_BUSY: "red",
}


def _clock(moment: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(moment))


def table(statuses: Sequence[Status]) -> Table:
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
            Text(note(status), style="dim"),
        )
    return made


def processes(console: Console, platform: Platform, found: Sequence[Record]) -> None:
    for record in found:
        where = f", in the background; log: {background.log_file(platform)}" if record.background else ""
        console.print(f"metaflow-gcp {record.command}, process {record.pid}{where}")
        console.print(table(record.forwards))


def moved(console: Console, platform: Platform, profile: str, chosen: Mapping[str, int]) -> None:
    """What to set for forwards that are not where the profile says."""
    for each in platform.forwards:
        if chosen[each.name] != each.port:
            for variable, value in ports.variables(each.name, chosen[each.name], profile).items():
                console.print(f"{each.name} is on another port; set it for Metaflow: export {variable}={value}")


def ended(console: Console, record: Record) -> None:
    console.print(f"process {record.pid} and its forwards have ended")


def left(console: Console, found: Sequence[Record], *, anything: bool) -> None:
    for each in found:
        console.print(f"process {each.pid}, a `metaflow-gcp {each.command}`, keeps its forwards until its command ends")
    if not anything:
        console.print("nothing to stop")


class Board:
    """`show` is to be called after each change."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._news = News()

    @contextmanager
    def shown(self) -> Iterator[None]:
        if not self._console.is_interactive:
            yield
            return
        # Drawn when something changes: an idle forward costs nothing.
        with Live(console=self._console, auto_refresh=False) as self._live:
            yield

    def show(self, changed: Status, statuses: Sequence[Status]) -> None:
        if self._live:
            self._live.update(table(statuses), refresh=True)
        elif line := self._news.line(changed):
            self._console.print(f"{_clock(time.time())}  {line}")
