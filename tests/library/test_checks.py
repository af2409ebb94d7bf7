import pytest
from cdktf import Token

from metaflow_gcp.checks import Checks, InvalidProperties, Problem, is_token


def test_all_problems_are_raised_at_once_each_with_what_mends_it():
    checks = Checks()
    checks.one_of("tier", "huge", ("small", "large"))
    checks.at_most("name", "abcdef", 3, "cut it")
    checks.between("count", 9, 1, 5, "nodes")
    checks.matches("zone", "x", "[a-c]", "a, b or c")
    with pytest.raises(InvalidProperties) as caught:
        checks.raise_if_any("Thing")
    assert caught.value.owner == "Thing"
    assert str(caught.value).splitlines() == [
        "Thing: 4 problem(s)",
        "tier: 'huge' is not known",
        "    allowed: large, small",
        "    fix: set tier to one of these",
        "name: 'abcdef' has 6 characters",
        "    allowed: at most 3 characters",
        "    fix: cut it",
        "count: 9 is out of range",
        "    allowed: 1 to 5 nodes",
        "    fix: set count within it",
        "zone: 'x' is not valid",
        "    allowed: a, b or c",
        "    fix: change zone",
    ]


def test_without_problems_nothing_is_raised():
    checks = Checks()
    checks.one_of("tier", "small", ("small", "large"))
    checks.at_most("name", "abc", 3, "cut it")
    checks.between("count", 1, 1, 5)
    checks.between("count", 5, 1, 5)
    checks.matches("zone", "a", "[a-c]", "a, b or c")
    checks.raise_if_any("Thing")


def test_a_problem_is_found_by_callers_who_catch_value_errors():
    with pytest.raises(ValueError, match="Thing: 1 problem"):
        raise InvalidProperties("Thing", [Problem(where="a", wrong="b", allowed="c", fix="d")])


def test_a_problem_seen_from_further_out_keeps_everything_but_its_place():
    inner = Problem(where="zones", wrong="b", allowed="c", fix="d")
    assert inner.within("gpu_pools.l4") == Problem(where="gpu_pools.l4.zones", wrong="b", allowed="c", fix="d")


TOKENS = {
    "string": lambda: Token.as_string({"var": "x"}),
    "string within a string": lambda: f"name-{Token.as_string({'var': 'x'})}",
    "number": lambda: Token.as_number({"var": "x"}),
    "list": lambda: Token.as_list({"var": "x"}),
    "reference": lambda: "${google_container_cluster.cluster.name}",
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_what_only_terraform_knows_is_a_token(token):
    assert is_token(token())


@pytest.mark.parametrize("value", ["", "name", "$name", "{name}", 0, -1, -1.5, [], ["a", "b"], None, {}])
def test_values_are_no_tokens_just_as_cdktf_sees_it(value):
    assert not is_token(value)
    assert not Token.is_unresolved(value)


def test_tokens_pass_every_check():
    checks = Checks()
    text = Token.as_string({"var": "x"})
    checks.one_of("tier", text, ("small",))
    checks.at_most("name", text, 1, "cut it")
    checks.matches("zone", text, "[a-c]", "a, b or c")
    checks.between("count", Token.as_number({"var": "x"}), 1, 5)
    assert checks.problems == []
