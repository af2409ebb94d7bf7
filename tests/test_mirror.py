"""Tests lie as their sources do; mirror.toml says of each module without tests of its own where it is tested."""

import tomllib
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
TABLE: dict[str, dict[str, str]] = tomllib.loads((TESTS / "mirror.toml").read_text("utf-8"))
SOURCES = {"rehearsal": TESTS.parent / "rehearsal"}


def modules(name):
    """A package's code is its `__init__.py`; one that only says what is in it needs no tests."""
    folder = SOURCES[name]
    return {each.relative_to(folder) for each in folder.rglob("*.py") if each.name != "__init__.py"}


@pytest.mark.parametrize("name", SOURCES)
def test_every_module_has_tests_of_its_name_or_says_whose(name):
    own = {each for each in modules(name) if (TESTS / name / each.parent / f"test_{each.stem.strip('_')}.py").is_file()}
    listed = {Path(each) for each in TABLE[name]}
    assert sorted(modules(name) - own - listed) == [], "add tests, or a line to tests/mirror.toml"
    assert sorted(listed & own) == [], "has tests of its own: take the line out of tests/mirror.toml"
    assert sorted(listed - modules(name)) == [], "no such module"
    assert [each for each in TABLE[name].values() if not (TESTS / each).is_file()] == [], "no such tests"


def test_the_table_is_of_these_sources():
    assert TABLE.keys() == SOURCES.keys()
