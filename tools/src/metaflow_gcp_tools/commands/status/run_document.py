"""`result` of `metaflow-gcp status FLOW/RUN --json`, described in docs/commands/status.md."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from metaflow_gcp_tools.commands.status.run import Run, Task


def result(run: Run) -> dict[str, Any]:
    return {
        "run": str(run.path),
        "tasks": [_task(each) for each in run.tasks],
        "cost": round(run.cost, 4),
        "prices": {"currency": run.book.currency, "date": run.book.date, "source": run.book.source},
        "unknown": [asdict(each) for each in run.unknown],
    }


def _task(task: Task) -> dict[str, Any]:
    return {
        "step": task.attempt.step,
        "task": task.attempt.task,
        "attempt": task.attempt.number,
        "pods": task.attempt.pods,
        "state": task.state,
        "why": task.why and asdict(task.why),
        "node": task.node,
        "pool": task.pool,
        "started": _time(task.attempt.started),
        "ended": _time(task.attempt.ended),
        "cost": None if task.cost is None else round(task.cost, 4),
        "at_most": task.at_most,
    }


def _time(when: datetime | None) -> str | None:
    return when.isoformat() if when else None
