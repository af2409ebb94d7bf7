import re

import pytest

from rehearsal.protocol.errors import Refused
from rehearsal.protocol.plan import replacements
from rehearsal.protocol.values import known
from rehearsal.run.seed import whole


@pytest.mark.parametrize(
    ("given", "pattern"),
    [
        ({"length": 32, "special": False}, "[A-Za-z0-9]{32}"),
        ({"length": 8, "special": False, "upper": False, "numeric": False}, "[a-z]{8}"),
        ({"length": 8, "special": False, "upper": False, "lower": False, "number": True}, "[0-9]{8}"),
        ({"length": 6, "override_special": "_", "upper": False, "lower": False, "numeric": False}, "_{6}"),
    ],
)
def test_a_password(random, given, pattern):
    state = random.create("random_password", **given)
    assert known(state)
    assert re.fullmatch(pattern, state["result"])
    assert random.plan("random_password", state, **given) == state
    assert random.read("random_password", state) == state


def test_the_minimums_are_kept(random):
    result = random.create("random_string", length=4, min_numeric=2, min_upper=2, special=False, lower=False)["result"]
    assert sorted(char.isdigit() for char in result) == [False, False, True, True]
    problems = random.provider.validate("random_password", {"length": 3, "min_upper": 4})
    assert [problem.path for problem in problems] == [("length",)]


def test_two_are_different(random):
    assert len({random.create("random_password", length=20)["result"] for _ in range(5)}) == 5


def test_an_id(random):
    state = random.create("random_id", byte_length=4, prefix="db-")
    assert re.fullmatch("db-[0-9a-f]{8}", state["hex"])
    assert random.find("random_id", f"db-,{state['id']}") == state


def test_another_length_is_another_password(random):
    state = random.create("random_password", length=20)
    schema = random.provider.schema("resource", "random_password")
    changed = random.plan("random_password", state, length=21)
    assert replacements(schema, state, changed) == [("length",)]


@pytest.mark.parametrize(
    ("type_", "given"),
    [
        ("random_integer", {"min": 3, "max": 3}),
        ("random_pet", {"prefix": "my"}),
        ("random_shuffle", {"input": ["a"]}),
        ("random_uuid", {}),
        ("random_bytes", {"length": 4}),
    ],
)
def test_the_others(random, type_, given):
    state = random.create(type_, **given)
    assert known(state)
    assert random.plan(type_, state, **given) == state


def test_a_password_is_imported(random):
    state = random.find("random_password", "abc123")
    assert (state["result"], state["length"], state["special"]) == ("abc123", 6, True)


def test_a_negative_number_of_random_bytes_passes_the_plan_and_ends_the_provider(random):
    """Random 3.7.2 does not check it; `make([]byte, -1)` panics at the apply."""
    assert random.plan("random_id", byte_length=-1)["byte_length"] == -1
    with pytest.raises(Refused, match="Plugin did not respond"):
        random.create("random_id", byte_length=-1)


def test_a_password_of_no_sort_of_characters_is_refused(random):
    schema = random.provider.schema("resource", "random_password")
    none = dict.fromkeys(("special", "upper", "lower", "numeric"), False)
    [problem] = random.provider.validate("random_password", whole(schema.block, {"length": 8, **none}))
    assert "special,upper,lower,numeric" in problem.summary
    assert random.provider.validate("random_password", whole(schema.block, {"length": 8, **none, "lower": True})) == []
