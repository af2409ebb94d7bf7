"""The stacks in the folder that synth writes to: what Terraform gets of each."""

import json
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.problems import WrongUse

ORDER = ("apis", "infra", "services")
"""In which they are deployed."""


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """By name, in their order. Raises `WrongUse` when synth has not written them."""
    found = {file.parent.name: file for file in sorted(folder.glob("stacks/*/cdk.tf.json"))}
    if not found:
        raise WrongUse.of(what=f"there are no stacks in {folder}", next_step="run `make synth` in the project's folder")
    names = sorted(found, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    try:
        return {name: json.loads(found[name].read_text("utf-8")) for name in names}
    except (OSError, ValueError) as error:
        raise WrongUse.of(
            what=f"a stack in {folder} cannot be read: {error}", next_step="run `make synth` again"
        ) from None
