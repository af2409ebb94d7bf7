"""The picture of imports in docs/architecture.md: it is fresh, and it shows a house that people find their way in."""

import runpy
from graphlib import CycleError
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def picture():
    return runpy.run_path(str(ROOT / "scripts/import_picture.py"))


def test_the_picture_is_fresh(picture):
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    assert picture["page"](page) == page, "run python scripts/import_picture.py"


def test_no_floor_has_more_than_a_dozen_rooms(picture):
    floors = picture["floors"]()
    assert {title: len(floor) for title, floor in floors.items() if len(floor) > 12} == {}
    assert floors["The project"]["main"] == {"stacks/", "metaflow_gcp/"}
    assert floors["`metaflow_gcp`"]["google/"] >= {"kubernetes/", "names", "labels", "checks"}


def test_a_circle_cannot_be_drawn(picture):
    with pytest.raises(CycleError):
        picture["_drawn"](("", {"a": {"b"}, "b": {"c"}, "c": {"a"}}))


def test_an_arrow_that_a_longer_way_implies_is_left_out(picture):
    drawn = picture["_drawn"](("", {"a": {"b", "c", "d"}, "b": {"c"}, "c": {"d"}, "d": set()}))
    assert [line.strip() for line in drawn.splitlines() if "-->" in line] == ["a --> b", "b --> c", "c --> d"]
