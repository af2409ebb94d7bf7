"""The order in which things are made does not matter, as far as they do not need each other.

A sample without Terraform; `make orders` does ten with it, with one, ten and fifty operations at a time.
"""

from rehearsal.run import stacks
from tests.deploys.orders import different, directly, end


def test_any_order_ends_the_same(platforms, tmp_path):
    found = stacks.read(platforms["minimal"].folder)
    drawn: dict = {}
    first, *others = [end(directly(found, tmp_path, number, drawn)) for number in range(3)]
    for other in others:
        assert different(first, other) == []


def test_what_is_different_is_told():
    assert different({"a": {"x": 1}, "b": {}}, {"a": {"x": 2}}) == ["only in one: b", "a: x"]
