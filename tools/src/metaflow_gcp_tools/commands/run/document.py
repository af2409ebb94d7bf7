"""`result` of `metaflow-gcp run --json`, described in docs/commands/run.md."""

from collections.abc import Sequence
from typing import Any


def result(command: Sequence[str]) -> dict[str, Any]:
    return {"command": list(command)}
