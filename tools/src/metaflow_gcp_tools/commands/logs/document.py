"""`result` of `metaflow-gcp logs --json`, described in docs/commands/logs.md."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from metaflow_gcp_tools.commands.logs.found import Line, Where
from metaflow_gcp_tools.commands.tasks.pathspec import Pathspec


def result(path: Pathspec, where: Where, lines: Sequence[Line]) -> dict[str, Any]:
    return {
        "pathspec": str(path),
        "queries": list(where.queries),
        "links": list(where.links),
        "tasks": [
            {"step": each.step, "task": each.task, "attempt": each.number, "pods": each.pods} for each in where.attempts
        ],
        "lines": [asdict(line) for line in lines],
    }
