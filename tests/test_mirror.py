"""A module's tests are found by its name: in the file that mirrors it, or where tests/mirror.toml says."""

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent
FOLDERS = {"constructs/src/metaflow_gcp": "library", "tools/src/metaflow_gcp_tools": "tools"}
"""Of the tests, where they are not called as the sources are."""
TABLE = tomllib.loads((TESTS / "mirror.toml").read_text("utf-8"))


def modules(source):
    """Every module but those that only say what a folder is."""
    names = [file.relative_to(ROOT / source).with_suffix("") for file in (ROOT / source).rglob("*.py")]
    return sorted(name for name in names if name.name != "__init__")


def has_own_tests(source, module):
    folder = TESTS / FOLDERS.get(source, source) / module.parent
    return any((folder / f"test_{name}.py").exists() for name in (module.name, module.name.strip("_")))


def entries_for(source, module):
    """An entry is for modules of one folder."""
    return [
        entry
        for entry in TABLE[source]
        if Path(entry).parent == module.parent and fnmatchcase(module.name, Path(entry).name)
    ]


@pytest.mark.parametrize("source", TABLE)
def test_the_tests_of_every_module_are_found(source):
    elsewhere = [module for module in modules(source) if not has_own_tests(source, module)]
    unknown = [str(module) for module in elsewhere if not entries_for(source, module)]
    assert unknown == [], (
        f"write tests/{FOLDERS.get(source, source)}/.../test_NAME.py, or say in tests/mirror.toml where"
    )


@pytest.mark.parametrize("source", TABLE)
def test_no_entry_is_stale(source):
    elsewhere = [module for module in modules(source) if not has_own_tests(source, module)]
    used = {entry for module in elsewhere for entry in entries_for(source, module)}
    assert TABLE[source].keys() - used == set(), "their modules have tests of their own, or are gone"
    there = {where for where in TABLE[source].values() if not where.startswith("by hand: ")}
    assert [where for where in there if not (TESTS / where).is_file()] == []
