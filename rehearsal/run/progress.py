"""What a person sees while it runs: a live table on a terminal, a line a step elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table


class Progress:
    """Which stack is at what."""

    def __init__(self, console: Console, stacks: list[str]) -> None:
        self.console = console
        self.rows = {name: ["waiting", ""] for name in stacks}
        self.started = time.monotonic()
        self.live = (
            Live(get_renderable=self._table, console=console, refresh_per_second=8, transient=True)
            if console.is_terminal
            else None
        )

    def __enter__(self) -> Self:
        if self.live:
            self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.live:
            self.live.stop()

    def step(self, stack: str, step: str) -> None:
        """A stack begins a step."""
        self.rows[stack] = [step, ""]
        if not self.live:
            self.console.print(
                f"{time.monotonic() - self.started:6.1f} s  {stack}: {step}",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )

    def at(self, stack: str, what: str) -> None:
        """A stack is at something, for those who watch."""
        if stack in self.rows:
            self.rows[stack][1] = what

    def _table(self) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for name, (step, what) in self.rows.items():
            table.add_row(f"[bold]{name}[/bold]", step, what)
        table.add_row("", f"{time.monotonic() - self.started:.0f} s", "")
        return table
