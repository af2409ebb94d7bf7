"""The report, for a person."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from metaflow_gcp_tools.clock.expected import minutes
from rehearsal.run.clock import Clock
from rehearsal.run.report import Broken, Report, page_beside

_TITLES = ("stack", "resources\ndeployed", "changes in\nsecond plan", "left after\ndestroy", "seconds")
_LINES = 8
"""Of a failure, on the terminal."""


def show(console: Console, report: Report, file: Path | None = None) -> None:
    """A table of the stacks, then what there is to say, then where all of it stands."""
    console.print(_table(report))

    def say(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    for name, stack in report.stacks.items():
        for change in stack.second_plan or []:
            say(f"second plan of {name}: {change}")
    for each in report.left or []:
        say(f"left in the cloud: {each}")
    for each in report.findings:
        say(f"note: {each}")
    for broken in report.broken:
        say(_broken(broken))
    if report.clock:
        say(_foreseen(report.clock))
    if report.failure:
        say(f"{report.failure.stack or 'the rehearsal'} failed at {report.failure.step}:\n{report.failure.message}")
    say(f"{'Everything went well' if report.ok else 'It did not go well'}, {report.seconds:.1f} s.")
    if file:
        say(f"Report: {file}, and as a page: {page_beside(file)}")


def _broken(broken: Broken) -> str:
    """A run that failed, and what came between it and the next."""
    lines = broken.message.splitlines()
    more = [f"... {len(lines) - _LINES} more lines in the report"] if len(lines) > _LINES else []
    told = [f"{broken.stack or 'it'} failed at {broken.step}:", *(f"  {line}" for line in [*lines[:_LINES], *more])]
    return "\n".join([*told, *(f"  after it: {cure}" for cure in broken.cures)])


def _foreseen(clock: Clock) -> str:
    deploy, destroy = minutes(clock.deploy.seconds), minutes(clock.destroy.seconds)
    told = f"In a real project a deployment takes {deploy}, and destroying it {destroy}."
    shortcuts = [each for stack in clock.deploy.stacks for each in stack.shortcuts]
    if not shortcuts:
        return told
    most = max(shortcuts, key=lambda each: each.seconds)
    less = f"The deployment is {most.seconds} s shorter if {most.address} does not need {most.needs} ({most.because})."
    return f"{told}\n{less}"


def _table(report: Report) -> Table:
    table = Table(box=None, padding=(0, 3, 0, 0))
    for title in _TITLES:
        table.add_column(title, justify="left" if title == "stack" else "right", vertical="bottom")
    for name, stack in report.stacks.items():
        changes = "-" if stack.second_plan is None else str(len(stack.second_plan))
        left = "-" if stack.left is None else str(len(stack.left))
        table.add_row(name, str(len(stack.resources)), changes, left, f"{sum(stack.seconds.values()):.1f}")
    return table
