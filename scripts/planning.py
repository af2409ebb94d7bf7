"""What Terraform would do to one stack: planned, read, and the plan removed again."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from metaflow_gcp_tools.commands.plan import costs, terraform_plan
from metaflow_gcp_tools.commands.plan.changes import Changes, judge
from metaflow_gcp_tools.prices import current

_PLAN = "before.tfplan"
_LOCKED = "must use terraform init -upgrade"
"""What `terraform init` says when the bindings ask for another version of a provider than the last time."""
_NO_STATE = "No state file was found"
"""What `terraform state list` says of a stack that was never deployed."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    changes: Changes | None = None
    """None for a stack that was never deployed, or whose plan failed."""
    adds: costs.Difference | None = None
    """What it costs more or less at rest, by the price list that is there without asking."""
    failed: str = ""
    """What Terraform says of a plan that failed."""


def planned(folder: Path, *, destroy: bool = False) -> Planned:
    """The plan of the stack that was synthesized into this folder."""

    def terraform(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", *arguments],
            cwd=folder,
            env={**os.environ, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    ended = terraform("init", "-no-color")
    # As the CDKTF CLI does. The versions are exact: nothing else is upgraded.
    if _LOCKED in " ".join(ended.stderr.split()):
        ended = terraform("init", "-no-color", "-upgrade")
    if ended.returncode:
        return Planned(failed=ended.stderr)
    listed = terraform("state", "list")
    if listed.returncode and _NO_STATE not in listed.stderr:
        return Planned(failed=listed.stderr)
    if not listed.stdout.strip():
        return Planned()
    # It holds what the state holds, passwords among it.
    file = folder / _PLAN
    try:
        ended = terraform("plan", "-no-color", f"-out={_PLAN}", *(["-destroy"] if destroy else []))
        if ended.returncode:
            return Planned(failed=ended.stderr)
        plan = terraform_plan.read(file)
        return Planned(changes=judge(plan), adds=costs.difference(plan, current.kept()))
    finally:
        file.unlink(missing_ok=True)


def loses(changes: Changes) -> bool:
    """Whether data is lost, or protected less than before."""
    return bool(changes.of_effect("data") or changes.weakened)
