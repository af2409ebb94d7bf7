"""The settings file: written once, with settings that the project's own `main.py` takes."""

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from metaflow_gcp_tools.platform.synthesized import project_folder, synthesized
from metaflow_gcp_tools.problems import WrongUse

_HEAD = """\
# Written by `metaflow-gcp init`. config/example.toml has every other setting, with its default.
"""


def new_file() -> Path:
    """Where the settings belong. Raises `WrongUse` when there are some, or outside a project."""
    project = project_folder()
    file = Path(os.environ.get("METAFLOW_GCP_SETTINGS") or project / "settings.toml")
    if file.exists():
        raise _there_already(file)
    return file


def write(file: Path, settings: Mapping[str, str], *, doing: Callable[[str], AbstractContextManager[None]]) -> None:
    """Check them, then write them. Raises `WrongUse` with everything that is wrong; then nothing is written."""
    # A JSON text without escapes beyond TOML's is a TOML text.
    text = _HEAD + "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    with tempfile.TemporaryDirectory(prefix="metaflow-gcp-") as folder:
        tried = Path(folder) / "settings.toml"
        tried.write_text(text, "utf-8")
        with synthesized(settings=tried, doing=doing):
            pass
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise _there_already(file) from None


def _there_already(file: Path) -> WrongUse:
    return WrongUse.of(
        what=f"there is a settings file already: {file}",
        next_step="edit it (config/example.toml shows every setting), or set METAFLOW_GCP_SETTINGS to another file",
    )
