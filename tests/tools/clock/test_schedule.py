"""When operations start and end."""

import pytest

from metaflow_gcp_tools.clock.schedule import Task, Timed, critical_path, schedule


def task(address, seconds, *needs, lock=None):
    return Task(address=address, seconds=seconds, needs=frozenset(needs), lock=lock)


def test_each_waits_for_what_it_needs():
    timed = schedule([task("c", 5, "a", "b"), task("a", 10), task("b", 30)])
    assert timed == {
        "a": Timed(start=0, end=10),
        "b": Timed(start=0, end=30),
        "c": Timed(start=30, end=35, after="b"),
    }
    assert critical_path(timed) == ["b", "c"]


def test_ten_at_a_time():
    timed = schedule([task(f"api-{number}", 20) for number in range(13)])
    assert sorted(each.start for each in timed.values()) == [0] * 10 + [20] * 3
    assert {timed[f"api-{number}"].why for number in (10, 11, 12)} == {"turn"}
    assert critical_path(timed) == ["api-0", "api-10"]


def test_two_at_a_time():
    timed = schedule([task("a", 30), task("b", 10), task("c", 10), task("d", 5, "c")], parallelism=2)
    assert (timed["c"].start, timed["d"].start) == (10, 20)


def test_one_at_a_time_on_the_same_object():
    timed = schedule([task("user", 8, lock="db"), task("database", 3, lock="db"), task("other", 3, lock="db-2")])
    assert timed["user"].start == 0
    assert timed["other"].start == 0
    assert timed["database"] == Timed(start=8, end=11, after="user", why="lock")


def test_who_waits_for_an_object_has_a_turn_meanwhile():
    timed = schedule([task("a", 10, lock="x"), task("b", 10, lock="x"), task("c", 1)], parallelism=2)
    assert timed["c"].start == 10


def test_what_takes_no_time_ends_at_once():
    timed = schedule([task("suffix", 0), task("name", 0, "suffix"), task("db", 7, "name")])
    assert timed["db"] == Timed(start=0, end=7, after="name")
    assert critical_path(timed) == ["suffix", "name", "db"]


def test_nothing():
    assert schedule([]) == {}
    assert critical_path({}) == []


def test_a_circle():
    with pytest.raises(ValueError, match="these need each other in a circle: a, b"):
        schedule([task("a", 1, "b"), task("b", 1, "a"), task("c", 1)])
