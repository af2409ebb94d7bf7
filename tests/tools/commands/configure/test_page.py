"""docs/commands/configure.md and tools/README.md say what there is."""

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


def test_the_readme_of_the_tools_lists_every_command_and_links_its_page():
    readme = ROOT / "tools/README.md"
    listed = re.findall(r"^\| \[`(\w+)`\]\((\S+)\)", readme.read_text("utf-8"), re.MULTILINE)
    assert {name for name, _ in listed} == set(typer.main.get_group(app).commands)
    for name, page in listed:
        assert Path(page).name == f"{name}.md"
        assert (readme.parent / page).exists()
