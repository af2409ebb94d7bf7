"""`result` of `metaflow-gcp preflight --json`, described in docs/commands/preflight.md."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from metaflow_gcp_tools.checks import Check, ready
from metaflow_gcp_tools.commands.preflight.increase import Increase
from metaflow_gcp_tools.platform.manifest import Manifest


def result(manifest: Manifest, checks: Sequence[Check], increases: Sequence[Increase]) -> dict[str, Any]:
    is_ready, because = ready(checks)
    return {
        "project": manifest.project,
        "environment": manifest.environment,
        "region": manifest.region,
        "ready": is_ready,
        "reasons": [f"{each.full_name}: {each.says}" for each in because],
        "checks": [asdict(check) | {"blocks": check.blocks} for check in checks],
        "requests": [_increase(each) for each in increases],
    }


def _increase(increase: Increase) -> dict[str, Any]:
    return {
        "check": increase.check,
        "quota_id": increase.quota.quota_id,
        "dimensions": dict(increase.quota.dimensions),
        "preferred_value": increase.wanted,
        "outcome": increase.outcome.value,
        "says": increase.says,
    }
