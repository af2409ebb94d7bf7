"""`result` of `metaflow-gcp plan --json`, described in docs/commands/plan.md."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.commands.plan.at_rest import parts
from metaflow_gcp_tools.commands.plan.changes import Changes
from metaflow_gcp_tools.commands.plan.contents import Stacks, creates, scales, takes
from metaflow_gcp_tools.commands.plan.costs import Costs, Difference
from metaflow_gcp_tools.platform.manifest import Manifest
from metaflow_gcp_tools.prices.current import Found


def changes(file: Path, found: Changes, difference: Difference | None) -> dict[str, Any]:
    costs = {} if difference is None else {"costs": _difference(difference)}
    return {
        **costs,
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


def deployment(manifest: Manifest, stacks: Stacks, costs: Costs | None) -> dict[str, Any]:
    return {
        **({} if costs is None else {"costs": _costs(costs)}),
        "project": manifest.project,
        "environment": manifest.environment,
        "region": manifest.region,
        "resources": sum(each.count for each in creates(stacks)),
        "seconds": (time := takes(stacks)) and asdict(time),
        "creates": [asdict(each) for each in creates(stacks)],
        "at_rest": [part.what for part in parts(stacks)],
        "scales": [asdict(each) for each in scales(stacks)],
        "quotas": [asdict(each) for each in manifest.quotas],
    }


def _costs(costs: Costs) -> dict[str, Any]:
    return {
        "region": costs.region,
        "month": round(costs.month, 2),
        "at_rest": [asdict(each) for each in costs.at_rest],
        "nodes": [asdict(each) for each in costs.hours],
    }


def _difference(found: Difference) -> dict[str, Any]:
    return {
        "month": round(found.month, 2),
        "gone": [asdict(each) for each in found.gone],
        "new": [asdict(each) for each in found.new],
    }


def prices(found: Found) -> dict[str, Any]:
    book = found.book
    return {
        "currency": book.currency,
        "date": book.date,
        "source": book.source,
        "why_not_newer": found.why_shipped or None,
    }
