"""The attempts of a run's tasks: which pod each had, and how it went.

Metaflow registers a task's pod when the task starts (metaflow/plugins/kubernetes/kubernetes_decorator.py), and marks
pods with annotations (kubernetes.py, argo_workflows.py); the same from 2.16.8 to 2.19.39. Of a pod that never came so
far as to start Metaflow, only its annotations tell whose it was.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from metaflow_gcp_tools.commands.tasks.pathspec import Pathspec


@dataclass(kw_only=True)
class Attempt:
    step: str
    task: str
    """Empty: a task of Argo's that has not said yet how it is called."""
    number: int
    pods: list[str] = field(default_factory=list)
    started: datetime | None = None
    ended: datetime | None = None
    succeeded: bool | None = None
    """`None`: Metaflow has not said."""
    pod: Any = None
    """Kubernetes' object, while it is there."""


def of_run(path: Pathspec, rows: Iterable[Mapping[str, Any]], pods: Iterable[Any]) -> list[Attempt]:
    """By start; of what the path names only."""
    found: dict[tuple[str, str, int], Attempt] = {}

    def attempt(step: str, task: str, number: int) -> Attempt:
        return found.setdefault((step, task, number), Attempt(step=step, task=task, number=number))

    for row in rows:
        step, task = str(row["step_name"]), str(row.get("task_name") or row["task_id"])
        # The step that Metaflow itself puts before the first one, with the parameters.
        if step != "_parameters" and path.has(step, task):
            _note(attempt(step, task, _number(row)), row)
    by_pod = {name: each for each in found.values() for name in each.pods}
    for pod in pods:
        notes = pod.metadata.annotations or {}
        if notes.get("metaflow/flow_name") != path.flow or notes.get("metaflow/run_id") != path.run:
            continue
        each = by_pod.get(pod.metadata.name)
        if each is None:
            step, task = notes.get("metaflow/step_name", ""), _task_of(notes)
            if not path.has(step, task):
                continue
            number = notes.get("metaflow/attempt", "")
            each = attempt(step, task, int(number) if number.isdecimal() else 0)
            each.pods.append(pod.metadata.name)
        each.pod = pod
        each.started = pod.status.start_time or each.started
    return sorted(found.values(), key=lambda each: (each.started or _LAST, each.step, each.task, each.number))


_LAST = datetime.max.replace(tzinfo=UTC)


def _note(attempt: Attempt, row: Mapping[str, Any]) -> None:
    when = datetime.fromtimestamp(row["ts_epoch"] / 1000, UTC)
    match row["field_name"]:
        case "kubernetes-pod-name" if row["value"] not in attempt.pods:
            attempt.pods.append(row["value"])
        case "attempt":
            attempt.started = when
        case "attempt_ok":
            attempt.succeeded, attempt.ended = row["value"] == "True", when


def _number(row: Mapping[str, Any]) -> int:
    tags = [*(row.get("tags") or ()), *(row.get("system_tags") or ())]
    numbers = [int(tag.partition(":")[2]) for tag in tags if re.fullmatch(r"attempt_id:\d+", tag)]
    return numbers[0] if numbers else 0


def _task_of(notes: Mapping[str, str]) -> str:
    """Argo's own pods say it in what they put out, once they have."""
    if task := notes.get("metaflow/task_id") or notes.get("metaflow/control-task-id"):
        return task
    try:
        outputs = json.loads(notes.get("workflows.argoproj.io/outputs", "{}"))
        return next((str(each["value"]) for each in outputs.get("parameters", ()) if each["name"] == "task-id"), "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
