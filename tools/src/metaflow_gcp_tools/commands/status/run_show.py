"""A run, for people to read: what went wrong last."""

from collections import Counter
from datetime import UTC, datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from metaflow_gcp_tools.commands.status.run import Run, Task
from metaflow_gcp_tools.problems import Problem

LONG = 40
"""Tasks; of more, those that succeeded are counted only."""


def show(console: Console, run: Run) -> None:
    counts = Counter(each.state for each in run.last)
    console.print(f"{run.path}: {', '.join(f'{count} {state}' for state, count in counts.items())}")
    console.print()
    shown = [each for each in run.tasks if len(run.tasks) <= LONG or each.state != "succeeded"]
    console.print(_tasks(shown))
    for reason, what in dict.fromkeys((each.why.reason, each.why.what) for each in shown if each.why):
        console.print(f"  {reason}: {what}")
    at_most = "at most " if any(each.at_most for each in run.tasks) else ""
    partly = ", not counting tasks whose cost is unknown" if any(each.cost is None for each in run.tasks) else ""
    console.print(f"Cost so far: {at_most}{run.cost:.2f} {run.book.currency}{partly} (prices of {run.book.date})")
    for each in run.unknown:
        console.print(f"UNKNOWN {each.what}: {each.ask}")


def _tasks(tasks: list[Task]) -> Table:
    table = Table("task", "attempt", "state", "pool", "node", "took", "cost", "why", box=SIMPLE_HEAD)
    table.show_edge = False
    for each in tasks:
        cost = "" if each.cost is None else f"{'<= ' if each.at_most else ''}{each.cost:.2f}"
        why = each.why.reason if each.why else ""
        attempt = str(each.attempt.number)
        table.add_row(each.name, attempt, each.state, each.pool, each.node, _took(each), cost, why)
    return table


def _took(task: Task) -> str:
    if not task.attempt.started or task.state in {"waiting", "lost"}:
        return ""
    end = datetime.now(UTC) if task.state == "running" else task.attempt.ended
    return str(end - task.attempt.started).partition(".")[0] if end else ""


def problems(run: Run) -> list[Problem]:
    """One for each reason, with the tasks that it stopped."""
    groups: dict[tuple[str, str], list[str]] = {}
    for each in run.last:
        if each.wrong and each.why:
            groups.setdefault((each.why.what, each.why.next_step), []).append(each.name)
    return [
        Problem(
            what=f"{run.path}: {names[0] if len(names) == 1 else f'{len(names)} tasks ({names[0]}, ...)'}: {what}",
            next_step=next_step,
        )
        for (what, next_step), names in groups.items()
    ]
