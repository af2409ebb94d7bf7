"""`result` of `metaflow-gcp init --json`, described in docs/commands/init.md."""

from collections.abc import Mapping
from pathlib import Path


def result(file: Path, settings: Mapping[str, str]) -> dict[str, object]:
    return {"file": str(file), "settings": dict(settings)}
