"""Every command has help with an example, and a page that says what it is, with its options and its JSON."""

import inspect
import re
from pathlib import Path

import pytest
import typer

from metaflow_gcp_tools import cli

PAGES = Path(__file__).parents[2] / "docs/commands"


def leaves(command, path=()):
    """All commands, with the words that call them."""
    if not hasattr(command, "commands"):
        return {path: command}
    own = {path: command} if getattr(command, "invoke_without_command", False) and path else {}
    return own | {
        key: value for name, each in command.commands.items() for key, value in leaves(each, (*path, name)).items()
    }


COMMANDS = leaves(typer.main.get_command(cli.app))


@pytest.fixture(params=COMMANDS, ids=" ".join)
def words(request):
    return request.param


@pytest.fixture
def page(words):
    return (PAGES / f"{words[0]}.md").read_text("utf-8")


def shown(capsys, *words, columns=80):
    """What a person reads on a terminal of so many columns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(columns))
        patch.setenv("NO_COLOR", "1")
        assert cli._run([*words]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("words", [(), ("image",), *COMMANDS], ids=" ".join)
def test_its_help_speaks_to_people(capsys, words):
    help_ = shown(capsys, *words, "-h")
    assert help_ == shown(capsys, *words, "--help") == shown(capsys, "help", *words)
    # What Typer shows of types: <bool>, <list[str]>, <float range>.
    assert not re.search(r"<[a-z]", help_)
    assert max(map(len, help_.splitlines())) <= 80


def test_its_paragraphs_are_as_wide_as_the_terminal(capsys):
    """They are wrapped in the source, too, where a terminal's end is not known."""
    assert "sets these for it. It starts as soon as" in shown(capsys, "run", "-h", columns=160)


def test_its_help_has_an_example(words):
    _, _, examples = COMMANDS[words].help.partition("\n\nExamples:\n")
    assert examples
    assert all(line.startswith(f"    metaflow-gcp {' '.join(words)}") for line in examples.splitlines())


def test_what_asks_can_be_told_not_to_and_what_reads_a_platform_is_told_which(words):
    file = Path(inspect.getfile(inspect.unwrap(COMMANDS[words].callback)))
    source = "".join(each.read_text("utf-8") for each in file.parent.glob("*.py"))
    options = {option for each in COMMANDS[words].params for option in each.opts}
    assert ("typer.confirm(" in source) == ({"--yes", "-y"} <= options)
    assert "--profile" in options or "Platform.load(" not in source
    assert {"--verbose", "--debug", "-v"} <= options


def test_its_examples_take_only_options_that_there_are(words):
    examples = re.findall(rf"^ *metaflow-gcp {' '.join(words)}\b([^\n]*)", COMMANDS[words].help, re.MULTILINE)
    known = {option for each in COMMANDS[words].params for option in each.opts}
    for example in examples:
        assert set(re.findall(r"--[a-z-]+", example.partition(" -- ")[0])) <= known


def test_its_page_names_it_and_all_its_options(words, page):
    assert page.startswith(f"# metaflow-gcp {words[0]}\n")
    assert f"metaflow-gcp {' '.join(words)}" in page
    options = {max(each.opts, key=len) for each in COMMANDS[words].params if each.opts[0].startswith("-")}
    assert not {option for option in options - {"--help", "--verbose"} if option not in page}


def test_its_page_shows_its_json_and_its_exit_codes(words, page):
    assert "--json" in {option for each in COMMANDS[words].params for option in each.opts}
    assert "\n## JSON\n" in page
    assert re.search(r"exit codes?", page, re.IGNORECASE)


def test_the_table_of_commands_has_it(words):
    assert f"[{words[0]}]({words[0]}.md)" in (PAGES / "README.md").read_text("utf-8")


def test_there_is_no_page_without_a_command():
    pages = {page.stem for page in PAGES.glob("*.md")} - {"README"}
    assert pages == {words[0] for words in COMMANDS}
