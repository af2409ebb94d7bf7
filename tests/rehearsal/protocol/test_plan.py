from typing import Any

import pytest

from rehearsal.protocol.plan import coerce, plan, replacements
from rehearsal.protocol.schema import parse
from rehearsal.protocol.values import UNKNOWN

ITEM = {
    "attributes": {
        "key": {"type": "string", "required": True},
        "made": {"type": "string", "computed": True},
    }
}
RAW: dict[str, Any] = {
    "block": {
        "attributes": {
            "id": {"type": "string", "computed": True},
            "name": {"type": "string", "required": True},
            "size": {"type": "number", "optional": True},
            "zone": {"type": "string", "optional": True, "computed": True},
            "note": {"type": "string", "optional": True},
            "secret_wo": {"type": "string", "optional": True, "write_only": True},
            "tags": {"type": ["set", "string"], "optional": True},
        },
        "block_types": {
            "item": {"nesting_mode": "list", "block": ITEM},
            "member": {"nesting_mode": "set", "block": ITEM},
            "addon": {"nesting_mode": "list", "block": ITEM},
            "timeouts": {
                "nesting_mode": "single",
                "block": {"attributes": {"create": {"type": "string", "optional": True}}},
            },
        },
    }
}
CONSTRAINTS = {
    "name": {"force_new": True},
    "tags": {"force_new": True},
    "size": {"default": 10},
    "item.key": {"force_new": True},
    "member.key": {"force_new": True},
    "addon": {"computed_block": True},
}
SCHEMA = parse("thing", RAW, CONSTRAINTS)
EMPTY = dict.fromkeys(RAW["block"]["attributes"]) | {"item": [], "member": [], "addon": [], "timeouts": None}


def config(**given):
    return EMPTY | {"name": "a"} | given


PRIOR = config(id="1", zone="z", size=10, addon=[{"key": "k", "made": "m"}])


def test_a_new_thing():
    planned = plan(SCHEMA, config(secret_wo="x"), None)
    assert planned["id"] is UNKNOWN
    assert planned["zone"] is UNKNOWN
    assert planned["addon"] is UNKNOWN
    assert planned["size"] == 10
    assert planned["note"] is None
    assert planned["secret_wo"] is None
    assert planned["item"] == []
    assert planned["timeouts"] is None


def test_nothing_changed():
    assert plan(SCHEMA, config(), PRIOR) == PRIOR


def test_what_the_configuration_says_wins():
    planned = plan(SCHEMA, config(zone="other", size=3, note=UNKNOWN), PRIOR)
    assert (planned["zone"], planned["size"], planned["id"]) == ("other", 3, "1")
    assert planned["note"] is UNKNOWN


def test_a_lists_block_keeps_what_was_computed_at_its_place():
    prior = PRIOR | {"item": [{"key": "k", "made": "m"}]}
    planned = plan(SCHEMA, config(item=[{"key": "k", "made": None}, {"key": "l", "made": None}]), prior)
    assert planned["item"] == [{"key": "k", "made": "m"}, {"key": "l", "made": UNKNOWN}]


def test_a_sets_block_keeps_what_was_computed_wherever_it_stands():
    prior = PRIOR | {"member": [{"key": "k", "made": "m"}, {"key": "l", "made": "n"}]}
    planned = plan(SCHEMA, config(member=[{"key": "l", "made": None}, {"key": "x", "made": None}]), prior)
    assert planned["member"] == [{"key": "l", "made": "n"}, {"key": "x", "made": UNKNOWN}]


def test_blocks_not_known_yet():
    assert plan(SCHEMA, config(item=UNKNOWN), PRIOR)["item"] is UNKNOWN


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"note": "x"}, []),
        ({"name": "b"}, [("name",)]),
        ({"name": UNKNOWN}, [("name",)]),
        ({"tags": ["b", "a"]}, []),
        ({"tags": ["b"]}, [("tags",)]),
        ({"item": [{"key": "x", "made": None}]}, [("item", 0, "key")]),
        ({"member": [{"key": "x", "made": None}]}, [("member",)]),
    ],
)
def test_what_replaces(given, expected):
    prior = PRIOR | {"tags": ["a", "b"], "item": [{"key": "k", "made": "m"}], "member": [{"key": "k", "made": "m"}]}
    same = {"tags": ["a", "b"], "item": [{"key": "k", "made": None}], "member": [{"key": "k", "made": None}]}
    assert replacements(SCHEMA, prior, plan(SCHEMA, config(**(same | given)), prior)) == expected


def test_a_new_thing_replaces_nothing():
    assert replacements(SCHEMA, None, plan(SCHEMA, config(), None)) == []


@pytest.mark.parametrize(
    ("default", "type_", "expected"),
    [(True, "string", "true"), (3, "string", "3"), ("5", "number", 5), ("true", "bool", True)],
)
def test_a_default_gets_its_attributes_type(default, type_, expected):
    assert coerce(default, type_) == expected
