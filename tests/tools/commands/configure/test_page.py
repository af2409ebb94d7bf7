"""docs/commands/configure.md says what there is."""

import re
from pathlib import Path

import typer

from metaflow_gcp_tools.cli import app

ROOT = Path(__file__).parents[4]


def test_the_page_has_every_option():
    page = (ROOT / "docs/commands/configure.md").read_text("utf-8")
    command = typer.main.get_group(app).commands["configure"]
    options = {name for each in command.params for name in each.opts} - {"--help", "--verbose", "-v", "--debug"}
    table = page[page.index("## Options") : page.index("## JSON")]
    assert set(re.findall(r"(?<=`)--?[a-z-]+", table)) == options
