import pytest

from rehearsal.protocol.schema import parse
from rehearsal.protocol.validate import validate
from rehearsal.protocol.values import UNKNOWN

STRING = {"type": "string", "optional": True}
RAW = {
    "block": {
        "attributes": dict.fromkeys("abcde", STRING) | {"n": {"type": "number", "optional": True}},
        "block_types": {"s": {"nesting_mode": "list", "block": {"attributes": {"x": STRING, "y": STRING}}}},
    }
}


def problems(constraints, **given):
    config = dict.fromkeys([*"abcde", "n"]) | {"s": []} | given
    return [
        (problem.path, problem.summary, problem.detail) for problem in validate(parse("t", RAW, constraints), config)
    ]


@pytest.mark.parametrize(
    ("constraint", "good", "bad"),
    [
        ({"one_of": ["X", "Y"]}, "X", "Z"),
        ({"regexp": "^[a-z]+$"}, "abc", "ABC"),
        ({"min_length": 2, "max_length": 3}, "ab", "abcd"),
        ({"min_length": 2}, "ab", "a"),
    ],
)
def test_a_value(constraint, good, bad):
    assert problems({"a": constraint}, a=good) == []
    assert problems({"a": constraint}, a=UNKNOWN) == []
    assert problems({"a": constraint}) == []
    [(path, summary, _)] = problems({"a": constraint}, a=bad)
    assert path == ("a",)
    assert bad in summary


def test_a_number():
    assert problems({"n": {"min": 1, "max": 5}}, n=5) == []
    assert [path for path, _, _ in problems({"n": {"min": 1, "max": 5}}, n=6)] == [("n",)]
    assert [path for path, _, _ in problems({"n": {"min": 1}}, n=0)] == [("n",)]


def test_the_path_leads_into_blocks():
    [(path, _, _)] = problems({"s.x": {"one_of": ["X"]}}, s=[{"x": "X", "y": None}, {"x": "Z", "y": None}])
    assert path == ("s", 1, "x")


def test_conflicts_with():
    constraints = {"a": {"conflicts_with": ["b"]}}
    assert problems(constraints, a="1") == []
    assert problems(constraints, a="1", b=UNKNOWN) == []
    assert [detail for _, _, detail in problems(constraints, a="1", b="2")] == ['"a": conflicts with b']


def test_conflicts_inside_a_block():
    constraints = {"s.x": {"conflicts_with": ["s.0.y"]}}
    assert len(problems(constraints, s=[{"x": "1", "y": "2"}])) == 1


def test_required_with():
    constraints = {"a": {"required_with": ["a", "b"]}}
    assert problems(constraints, a="1", b="2") == []
    assert problems(constraints, a="1", b=UNKNOWN) == []
    assert problems(constraints) == []
    assert len(problems(constraints, a="1")) == 1


def test_exactly_one_of_is_said_once():
    group = {"exactly_one_of": ["a", "b", "c"]}
    constraints = {"a": group, "b": group, "c": group}
    assert problems(constraints, b="1") == []
    assert problems(constraints, a=UNKNOWN) == []
    assert len(problems(constraints)) == 1
    [(_, summary, detail)] = problems(constraints, a="1", c="2")
    assert summary == "Invalid combination of arguments"
    assert "`a,c` were specified" in detail


def test_at_least_one_of():
    group = {"at_least_one_of": ["a", "b"]}
    constraints = {"a": group, "b": group}
    assert problems(constraints, a="1", b="2") == []
    assert problems(constraints, b=UNKNOWN) == []
    assert len(problems(constraints)) == 1
