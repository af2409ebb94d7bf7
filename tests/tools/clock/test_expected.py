"""The expected time, the critical path and what would shorten it."""

import pytest

from metaflow_gcp_tools.clock import durations, graph
from metaflow_gcp_tools.clock.expected import expected, minutes

BEFORE = durations.of_stack("create").seconds
CREATE = {
    type_: durations.of_type(type_, "create").seconds
    for type_ in (
        "google_compute_network",
        "google_container_cluster",
        "google_sql_database_instance",
        "google_sql_user",
    )
}


def graphs(**stacks):
    return {name: graph.read({"resource": resources}) for name, resources in stacks.items()}


def found(stack):
    return [(each.address, each.needs, each.because, each.seconds) for each in stack.shortcuts]


def test_stacks_come_one_after_another_and_go_the_other_way_round():
    made = graphs(base={"google_compute_network": {"vpc": {}}}, top={"google_container_cluster": {"main": {}}})
    deploy = expected(made, "create")
    assert [each.stack for each in deploy.stacks] == ["base", "top"]
    assert deploy.stacks[1].start == deploy.stacks[0].seconds == BEFORE + CREATE["google_compute_network"]
    assert deploy.seconds == sum(each.seconds for each in deploy.stacks)
    assert [each.stack for each in expected(made, "delete").stacks] == ["top", "base"]


def test_the_dependency_that_costs_most():
    made = graphs(
        infra={
            "google_compute_network": {"vpc": {}},
            "google_container_cluster": {"main": {"network": "${google_compute_network.vpc.id}"}},
            "google_sql_database_instance": {"db": {"depends_on": ["google_container_cluster.main"]}},
        }
    )
    [stack] = expected(made, "create").stacks
    assert stack.critical_path == [
        "google_compute_network.vpc",
        "google_container_cluster.main",
        "google_sql_database_instance.db",
    ]
    alone = CREATE["google_compute_network"] + CREATE["google_container_cluster"]
    saved = stack.seconds - BEFORE - max(alone, CREATE["google_sql_database_instance"])
    assert found(stack)[0] == (
        "google_sql_database_instance.db",
        "google_container_cluster.main",
        "depends_on",
        saved,
    )
    assert found(stack)[1] == (
        "google_container_cluster.main",
        "google_compute_network.vpc",
        "network",
        CREATE["google_compute_network"],
    )


def test_a_dependency_that_another_one_repeats_saves_nothing():
    made = graphs(
        infra={
            "google_container_cluster": {"a": {}, "b": {}},
            "google_sql_database_instance": {
                "db": {"depends_on": ["google_container_cluster.a", "google_container_cluster.b"]}
            },
        }
    )
    assert found(expected(made, "create").stacks[0]) == []


def test_on_the_way_out_what_needs_goes_first():
    made = graphs(
        infra={
            "google_compute_network": {"vpc": {}},
            "google_container_cluster": {"main": {"network": "${google_compute_network.vpc.id}"}},
        }
    )
    [stack] = expected(made, "delete").stacks
    assert stack.critical_path == ["google_container_cluster.main", "google_compute_network.vpc"]
    [shortcut] = stack.shortcuts
    assert (shortcut.address, shortcut.needs) == ("google_container_cluster.main", "google_compute_network.vpc")


def test_the_provider_works_on_an_instance_once_at_a_time():
    made = graphs(
        infra={
            "google_sql_database_instance": {"db": {}},
            "google_sql_user": {"user": {"instance": "${google_sql_database_instance.db.name}"}},
            "google_sql_database": {"database": {"instance": "${google_sql_database_instance.db.id}"}},
        }
    )
    ends = {each.address: each.end for each in expected(made, "create").stacks[0].operations}
    assert ends["google_sql_database.database"] > ends["google_sql_user.user"]


def test_how_much_of_it_is_estimated():
    measured = expected(graphs(infra={"google_compute_network": {"vpc": {}}}), "create")
    guessed = expected(graphs(infra={"google_filestore_instance": {"share": {}}}), "create")
    assert measured.estimated == BEFORE
    assert guessed.estimated == guessed.seconds
    [operation] = measured.stacks[0].operations
    assert operation.critical
    assert operation.source == "https://github.com/opea-project/GenAIInfra/pull/977"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "less than a minute"), (29, "less than a minute"), (80, "about a minute"), (963, "about 16 minutes")],
)
def test_minutes(seconds, text):
    assert minutes(seconds) == text
