"""The data, and what is found in them."""

import pytest

from metaflow_gcp_tools.clock import durations
from tests.stacks.conftest import once, platforms, project  # noqa: F401 - fixtures

ACTIONS = ("create", "update", "delete")


def operations():
    """Type, action, and what stands there for it."""
    known = durations.known()
    for type_, entry in {**known["types"], "stack": known["stack"]}.items():
        for each in (entry, *entry.get("if", ())):
            yield from ((type_, action, each[action]) for action in ACTIONS if action in each)


def test_every_type_of_our_stacks_is_listed(platforms):  # noqa: F811 - a fixture
    used = {each.type for platform in platforms.values() for each in platform.elements if each.kind == "resource"}
    assert used - durations.known()["types"].keys() == set()


def test_each_is_seconds_and_where_they_were_read():
    sources = durations.known()["sources"]
    for type_, action, value in operations():
        seconds, source = value if isinstance(value, list) else (value, None)
        assert isinstance(seconds, int), type_
        assert 0 <= seconds < 3600, (type_, action)
        assert source is None or source in sources, (type_, action)


def test_each_source_is_a_public_page_and_cited():
    cited = {value[1] for _, _, value in operations() if isinstance(value, list)}
    for name, source in durations.known()["sources"].items():
        assert source["at"].startswith("https://")
        assert source["says"].endswith(".")
        assert name in cited


def test_each_type_has_all_three():
    for entry in durations.known()["types"].values():
        assert entry.keys() >= set(ACTIONS)


@pytest.mark.parametrize(
    ("type_", "action", "attributes", "seconds"),
    [
        ("google_container_node_pool", "create", {"initial_node_count": 1}, 128),
        ("google_container_node_pool", "create", {"initial_node_count": 0}, 45),
        ("google_container_node_pool", "update", {"initial_node_count": 0}, 180),
        ("google_container_node_pool", "create", {}, 128),
        ("google_project_service", "delete", {"disable_on_destroy": False}, 0),
        ("google_project_service", "delete", {"disable_on_destroy": "false"}, 0),
        ("google_project_service", "delete", {"disable_on_destroy": True}, 15),
        ("kubernetes_deployment", "create", {"wait_for_rollout": False}, 1),
        ("google_bigquery_dataset_iam_binding", "create", {}, 5),
        ("google_bigquery_dataset", "create", {}, 15),
        ("time_sleep", "create", {}, 1),
    ],
)
def test_what_a_type_takes(type_, action, attributes, seconds):
    assert durations.of_type(type_, action, attributes).seconds == seconds


def test_an_estimate_has_no_source():
    assert (
        durations.of_type("google_container_cluster", "create").source
        == "https://github.com/kubernetes/k8s.io/pull/306"
    )
    assert durations.of_type("google_container_cluster", "update").source is None
