"""`result` of `metaflow-gcp plan --json`, described in docs/commands/plan.md."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.commands.plan.changes import Changes
from metaflow_gcp_tools.commands.plan.contents import Stacks, at_rest, creates, scales
from metaflow_gcp_tools.platform.manifest import Manifest


def changes(file: Path, found: Changes) -> dict[str, Any]:
    return {
        "file": str(file),
        "complete": found.complete,
        "counts": found.counts,
        "gone": [
            {
                "address": change.address,
                "name": change.name,
                "type": change.type,
                "action": change.action,
                "effect": change.kind.effect,
                "lost": change.kind.lost,
                "back": change.kind.back,
                "reason": change.reason,
                "forced_by": [asdict(force) for force in change.forced_by],
            }
            for change in found.gone
        ],
        "weakened": [asdict(each) for each in found.weakened],
    }


def deployment(manifest: Manifest, stacks: Stacks) -> dict[str, Any]:
    return {
        "project": manifest.project,
        "environment": manifest.environment,
        "region": manifest.region,
        "resources": sum(each.count for each in creates(stacks)),
        "creates": [asdict(each) for each in creates(stacks)],
        "at_rest": at_rest(stacks),
        "scales": [asdict(each) for each in scales(stacks)],
        "quotas": [asdict(each) for each in manifest.quotas],
    }
