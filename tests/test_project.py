"""What holds for the repository as a whole."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import constructs
import pytest
import yaml

ROOT = Path(__file__).parents[1]
IGNORED = {".git", *(line.rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines() if "*" not in line)}


def files() -> Iterator[Path]:
    """What belongs to the project: a clone may lie where there is no git."""

    def below(folder: Path) -> Iterator[Path]:
        for each in sorted(folder.iterdir()):
            if each.name in IGNORED or each.suffix in (".egg-info", ".pyc"):
                continue
            if each.is_dir():
                yield from below(each)
            else:
                yield each

    return below(ROOT)


def texts() -> Iterator[tuple[str, str]]:
    for file in files():
        if file.suffix not in (".gz", ".png", ".whl"):
            yield file.relative_to(ROOT).as_posix(), file.read_text("utf-8")


def test_the_folder_constructs_does_not_hide_the_package():
    """With an `__init__.py` in it, every import of `constructs` would find our folder."""
    assert not (ROOT / "constructs/__init__.py").exists()
    assert not Path(constructs.__file__).is_relative_to(ROOT / "constructs")


def test_no_tests_lie_where_they_break_imports():
    """Measured: tests inside `constructs/`, or a `tests/constructs`, break pytest's importlib mode."""
    assert not (ROOT / "tests/constructs").exists()
    assert not list((ROOT / "constructs").rglob("test_*.py"))
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_the_lock_of_python_packages_holds_no_download_addresses():
    lock = json.loads((ROOT / "Pipfile.lock").read_text())
    assert "source" not in tomllib.loads((ROOT / "Pipfile").read_text())
    assert lock["_meta"]["sources"] == []
    assert lock.keys() == {"_meta", "default", "develop", "cdktn"}
    for section in lock.keys() - {"_meta"}:
        for name, package in lock[section].items():
            assert "index" not in package, name
            assert package.get("hashes") or package.get("editable"), name
    assert "://" not in (ROOT / "Pipfile.lock").read_text()


def test_the_page_about_the_other_cdk_names_the_bindings_of_both_that_have_the_same_providers():
    page = (ROOT / "docs/moving-to-cdktn.md").read_text()
    chosen = tomllib.loads((ROOT / "Pipfile").read_text())
    bindings = {name: pin for name, pin in (chosen["packages"] | chosen["cdktn"]).items() if "provider" in name}
    assert len(bindings) == 8
    assert [name for name, pin in bindings.items() if f"`{name}{pin}`" not in page] == []


def test_the_lock_of_node_packages_holds_no_download_addresses():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for name, package in packages.items():
        assert "resolved" not in package, name
        # Without an address the hash alone says what is installed.
        assert not name or package.get("integrity") or package.get("inBundle"), name
    assert "registry" not in (ROOT / ".npmrc").read_text().replace("omit-lockfile-registry-resolved", "")


def test_no_file_names_a_path_of_somebody_s_machine():
    here = re.escape(str(ROOT))
    machines = re.compile(r"(?<![\w.$})])" + here + r"(?![\w-])|/(?:home|Users)/\w+/|/private/var/")
    this = Path(__file__).relative_to(ROOT).as_posix()
    found = {name: match[0] for name, text in texts() if name != this and (match := machines.search(text))}
    assert found == {}


def test_no_file_reads_what_lies_beside_the_repository():
    beside = "../" + "shared"
    assert [name for name, text in texts() if beside in text] == []


def test_every_file_ends_in_one_newline_and_has_no_carriage_returns():
    for name, text in texts():
        assert "\r" not in text, name
        assert not text or (text.endswith("\n") and not text.endswith("\n\n")) or "__snapshots__" in name, name


def test_every_command_that_a_document_names_is_there():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert set(" ".join(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)).split()) == targets
    named = {
        (name, target)
        for name, text in texts()
        if name.endswith(".md") or name == ".ci/run"
        for target in re.findall(r"^\s*make ([a-z-]+)|`make ([a-z-]+)`", text, re.MULTILINE)
        for target in target
        if target
    }
    assert {target for _, target in named} >= {"rehearse", "test", "deploy", "destroy", "synth"}
    assert {target for _, target in named} - targets == set()


TARGETS = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize(
    "target",
    sorted(set(TARGETS) - {"help", "clean"}),
)
def test_every_command_sets_up_first(target):
    assert make("--dry-run", target).splitlines()[0] == 'sh scripts/setup.sh "python3"'


def make(*arguments):
    """What it prints; not as a part of the make that runs this test."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "LANE"))}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout


def test_help_lists_every_command_within_a_terminal_s_width():
    listed = make("help").splitlines()
    assert [line.split()[1] for line in listed] == TARGETS
    assert max(map(len, listed)) <= 80


def test_cleaning_keeps_the_state_and_the_settings():
    shown = make("--dry-run", "clean")
    assert {"state", "settings.toml"} & set(shown.split()) == set()
    assert {".venv", "node_modules", "build", "cdktf.out"} <= set(shown.split())


@pytest.mark.parametrize(("lane", "environment"), [("cdktf", ".venv"), ("cdktn", ".venv-cdktn")])
def test_each_cdk_has_an_environment_which_is_set_up_and_comes_first_on_the_path(lane, environment):
    shown = make("--dry-run", "setup", f"LANE={lane}").splitlines()
    second = ["sh scripts/setup.sh .venv/bin/python cdktn"] if lane == "cdktn" else []
    assert [line for line in shown if line] == ['sh scripts/setup.sh "python3"', *second]
    shown = make("--eval", "path: ; @echo $(PATH)", "path", f"LANE={lane}")
    assert shown.split(":")[0] == str(ROOT / environment / "bin")


def test_a_cdk_that_is_none_is_refused():
    with pytest.raises(subprocess.CalledProcessError) as refused:
        make("setup", "LANE=pulumi")
    assert "LANE is 'pulumi'. Allowed: cdktf, cdktn." in refused.value.stderr


def test_continuous_integration_runs_what_a_person_runs():
    run = (ROOT / ".ci/run").read_text().splitlines()
    assert {"make lint", "make rehearse", "make test"} <= set(run)
    assert any(line.startswith("make test LANE=cdktn") for line in run)


def test_the_app_is_started_by_whatever_python_is_active():
    """Through make, in an activated environment, and by `pipenv run`."""
    assert json.loads((ROOT / "cdktf.json").read_text())["app"] == "python main.py"


def test_nothing_is_skipped():
    marks = re.compile(r"pytest\.(?:mark\.)?(?:skip|skipif|xfail|importorskip)\b")
    this = Path(__file__).relative_to(ROOT).as_posix()
    assert [name for name, text in texts() if name.endswith(".py") and name != this and marks.search(text)] == []


def test_a_docstring_cites_no_document_that_is_not_here():
    """A reader must be able to look a source up: the maker's file with its version, or an address."""
    cites = re.compile(r"\b[Ff]acts,? " + r"section|platform" + r"-facts|real" + r"-parts\.md")
    assert {name: match[0] for name, text in texts() if (match := cites.search(text))} == {}


def test_decisions_are_numbered_one_by_one_and_say_their_status_and_date():
    files = sorted((ROOT / "docs" / "adrs").glob("*.md"))
    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    for number, file in enumerate(files, 1):
        title, status = file.read_text("utf-8").split("\n\n")[:2]
        assert title.startswith(f"# {number}. "), file.name
        assert re.fullmatch(
            r"Status: (accepted|superseded by \[ADR \d+\]\(\d{4}-.*\.md\)), 20\d\d-\d\d-\d\d", status
        ), file.name


@pytest.mark.parametrize("distribution", ["metaflow-gcp-constructs", "metaflow-gcp"])
def test_each_distribution_has_a_version_that_its_change_log_knows(distribution):
    folder = ROOT / {"metaflow-gcp-constructs": "constructs", "metaflow-gcp": "tools"}[distribution]
    released = re.findall(r"^## (\d\S*)", (folder / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert version(distribution) == released[0]
    assert tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]["urls"]


def test_the_hooks_of_a_commit_run_what_make_setup_installed():
    document = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [each["repo"] for each in document["repos"]] == ["local"]
    hooks = document["repos"][0]["hooks"]
    assert {"ruff", "ruff-format", "mypy"} == {each["id"] for each in hooks}
    for each in hooks:
        program = Path(each["entry"].split()[0])
        assert program.parent == Path(".venv/bin")
        assert Path(sys.prefix, "bin", program.name).exists()
