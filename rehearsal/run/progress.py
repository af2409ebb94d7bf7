"""What a person sees while it runs: a live table on a terminal, a line a step elsewhere."""

import time
from collections.abc import Callable
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text


class Row:
    """Where one stack is: its step, how many resources of how many are done, and the one that was begun last."""

    def __init__(self, stack: str, say: Callable[[str], None] = lambda line: None) -> None:
        self.stack, self.say = stack, say
        self.step, self.address = "waiting", ""
        self.done, self.total = 0, 0

    def begin(self, step: str, total: int = 0) -> None:
        """A step; `total` where it is known how many resources it changes."""
        self.step, self.address, self.done, self.total = step, "", 0, total
        self.say(f"{self.stack}: {step}" + (f", {_resources(total)}" if total else ""))

    def planned(self, total: int) -> None:
        """So many resources will be changed."""
        self.total = total

    def started(self, address: str) -> None:
        self.address = address

    def finished(self) -> None:
        """A resource is changed."""
        self.done += 1
        if self.done == self.total:
            self.address = ""
            self.say(f"{self.stack}: {self.step}, {self.count} resources done")

    @property
    def count(self) -> str:
        return f"{self.done} of {self.total}" if self.total else ""


class Progress:
    """Which stack is at what."""

    def __init__(self, console: Console, stacks: list[str]) -> None:
        self.console = console
        self.started = time.monotonic()
        self.doing = ""
        self.rows = {name: Row(name, self._say) for name in stacks}
        self.live = (
            Live(get_renderable=self._table, console=console, refresh_per_second=8, transient=True)
            if console.is_terminal
            else None
        )

    def __enter__(self) -> Self:
        if self.live:
            self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.live:
            self.live.stop()

    def phase(self, doing: str) -> None:
        """What all stacks are about to go through."""
        self.doing = doing
        self._say(doing)

    def _say(self, line: str) -> None:
        """Where nothing can be drawn over, only what is worth a line."""
        if not self.live:
            passed = time.monotonic() - self.started
            self.console.print(f"{passed:6.1f} s  {line}", highlight=False, markup=False, soft_wrap=True)

    def _table(self) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for title in ("stack", "step", "resources"):
            table.add_column(title, no_wrap=True)
        table.add_column("now at", no_wrap=True, overflow="ellipsis")
        for name, row in self.rows.items():
            table.add_row(Text(name, style="bold"), row.step, row.count, Text(row.address))
        passed = f"{time.monotonic() - self.started:.0f} s"
        table.add_row(Text(passed, style="dim"), "", "", Text(self.doing, style="dim"))
        return table


def _resources(count: int) -> str:
    return f"{count} resource" if count == 1 else f"{count} resources"
