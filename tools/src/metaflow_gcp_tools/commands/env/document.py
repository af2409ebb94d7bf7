"""`result` of `metaflow-gcp env --json`, described in docs/commands/env.md."""

from typing import Any


def result(profile: str, variables: dict[str, str | None]) -> dict[str, Any]:
    return {"profile": profile, "variables": variables}
