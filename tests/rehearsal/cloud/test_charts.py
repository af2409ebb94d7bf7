"""What is known of charts: what a release sets in all, and what of it a chart knows."""

import pytest

from rehearsal.cloud import charts
from rehearsal.protocol.values import UNKNOWN

DEFAULTS = {
    "image": {"tag": "v1", "pullPolicy": "Always"},
    "args": [],
    "labels": {},
    "name": None,
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "replicas": 1,
}


@pytest.mark.parametrize(
    ("release", "all_of_it"),
    [
        ({}, {}),
        ({"values": ["a: 1\nb: {c: 2}", "b: {d: 3}\na: null"]}, {"a": None, "b": {"c": 2, "d": 3}}),
        ({"values": ["a: [1, 2]", "a: [3]"]}, {"a": [3]}),
        ({"values": ["a: 1"], "set": [{"name": "b.c", "value": "x"}]}, {"a": 1, "b": {"c": "x"}}),
        ({"set": [{"name": r"a.b\.c", "value": "x"}]}, {"a": {"b.c": "x"}}),
        ({"set_list": [{"name": "a", "value": ["x"]}]}, {"a": ["x"]}),
        ({"set_sensitive": [{"name": "a", "value": "x"}]}, {"a": "x"}),
        ({"values": UNKNOWN}, None),
        ({"values": ["a: 1", UNKNOWN]}, None),
        ({"set": UNKNOWN}, None),
        ({"set": [{"name": "a", "value": UNKNOWN}]}, None),
    ],
)
def test_all_that_a_release_sets(release, all_of_it):
    assert charts.values(release) == all_of_it


@pytest.mark.parametrize(
    ("set_", "problems"),
    [
        ({}, []),
        ({"image": {"tag": "v2"}, "replicas": 2, "args": ["a"]}, []),
        ({"labels": {"any": "x"}, "nodeSelector": {"any": "x"}, "name": {"any": "x"}}, []),
        ({"imgae": {}}, ["imgae: the chart has no such value"]),
        ({"image": {"tags": "v2"}}, ["image.tags: the chart has no such value"]),
        ({"image": "v2"}, ["image: the chart has a map there, not 'v2'"]),
        ({"args": {"a": 1}}, ["args: the chart has a list there, not {'a': 1}"]),
        ({"image": None, "args": None}, []),
    ],
)
def test_what_a_chart_knows(set_, problems):
    assert list(charts.unknown(set_, DEFAULTS)) == problems


def test_every_chart_that_is_known_has_its_defaults():
    assert charts._known().keys() == charts._values().keys()
    for facts in charts._known().values():
        assert facts.keys() == {"repository", "group", "kinds", "crds_setting", "finalizers", "makes"}
        assert facts["makes"].keys() <= facts["kinds"].keys()
