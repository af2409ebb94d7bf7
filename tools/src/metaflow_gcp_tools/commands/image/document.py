"""`result` of `metaflow-gcp image build --json`, `push --json` and `check --json`: see docs/commands/image.md."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.commands.image.work import Built, Checked, Pushed


def images(found: Sequence[Built | Checked | Pushed], *, dry_run: bool) -> dict[str, Any]:
    return {"dry_run": dry_run, "images": [asdict(each) for each in found]}


def pushed(found: Sequence[Pushed], default: tuple[Path, str] | None, *, dry_run: bool) -> dict[str, Any]:
    """`default`: the file that names the image for steps without one, and the lines for the platform's settings."""
    said = default and {"file": str(default[0]), "settings": default[1]}
    return {**images(found, dry_run=dry_run), "default": said}
