"""The picture in the documentation shows what preflight really writes."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_picture_is_what_it_writes_today(tmp_path):
    script = runpy.run_path(str(ROOT / "scripts/tool_pictures.py"))
    picture = script["picture"]("preflight", script["preflight"](tmp_path))
    assert picture == (ROOT / "docs/commands/preflight.svg").read_text("utf-8"), (
        "make it again: .venv/bin/python scripts/tool_pictures.py preflight"
    )
