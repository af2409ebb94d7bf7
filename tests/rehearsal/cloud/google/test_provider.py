"""What holds for every type: computed attributes, places and labels, names, imports, refusals."""

import pytest

from rehearsal.protocol.errors import Refused
from rehearsal.protocol.values import known
from tests.rehearsal.cloud.google.shapes import SQL, settings


def test_an_update_keeps_what_was_computed(google):
    prior = google.create("google_storage_bucket", name="things", location="us-west1")
    state = google.update("google_storage_bucket", prior, name="things", location="us-west1", force_destroy=True)
    assert state == prior | {"force_destroy": True}
    assert google.read("google_storage_bucket", prior) == state


def test_an_update_is_held_to_the_rules_too(google):
    state = google.create("google_sql_database_instance", **SQL, settings=settings())
    with pytest.raises(Refused, match=r"Error updating sql_database_instance .* Invalid Tier"):
        google.update("google_sql_database_instance", state, **SQL, settings=settings(edition="ENTERPRISE_PLUS"))


def test_what_is_gone_reads_as_nothing(google):
    state = google.create("google_compute_network", name="vpc")
    google.delete("google_compute_network", state)
    assert google.read("google_compute_network", state) is None


@pytest.mark.parametrize(
    ("type_", "attributes", "ids"),
    [
        ("google_compute_network", {"name": "n"}, ["projects/acme/global/networks/n", "acme/n", "n"]),
        ("google_compute_router", {"name": "r", "network": "vpc"}, ["acme/us-west1/r", "us-west1/r", "r"]),
        (
            "google_service_account",
            {"account_id": "runner"},
            ["projects/acme/serviceAccounts/runner@acme.iam.gserviceaccount.com"],
        ),
        ("google_storage_bucket", {"name": "things", "location": "US"}, ["things"]),
        (
            "google_project_iam_member",
            {"project": "acme", "role": "roles/viewer", "member": "user:a@b.c"},
            ["acme roles/viewer user:a@b.c"],
        ),
    ],
)
def test_import(google, network, type_, attributes, ids):
    state = google.create(type_, **attributes)
    assert [google.find(type_, each) for each in ids] == [state] * len(ids)


def test_a_node_pool_is_imported_by_its_names(google, cluster):
    state = google.create(
        "google_container_node_pool", name="pool", cluster="main", location="us-west1", initial_node_count=0
    )
    assert google.find("google_container_node_pool", "acme/us-west1/main/pool") == state
    assert google.find("google_container_node_pool", state["id"]) == state


@pytest.mark.parametrize("id_", ["other", "otherproject/vpc", "us-east1/r"])
def test_what_does_not_exist_is_not_imported(google, network, id_):
    google.create("google_compute_router", name="r", network="vpc")
    for type_ in ("google_compute_network", "google_compute_router"):
        with pytest.raises(Refused, match="non-existent"):
            google.find(type_, id_)


def test_a_name_that_is_taken(google):
    google.create("google_compute_network", name="vpc")
    with pytest.raises(Refused, match="409: The resource 'projects/acme/global/networks/vpc' already exists"):
        google.create("google_compute_network", name="vpc")


@pytest.mark.parametrize(
    ("type_", "attributes", "message"),
    [
        (
            "google_container_cluster",
            {"name": "c", "location": "us-west1", "network": "vpc"},
            "deletion_protection is set to true",
        ),
        (
            "google_sql_database_instance",
            {"name": "db", "database_version": "POSTGRES_16", "settings": settings()},
            "deletion_protection is set to true",
        ),
        (
            "google_sql_database_instance",
            SQL | {"settings": settings(deletion_protection_enabled=True)},
            "The instance is protected",
        ),
        (
            "google_secret_manager_secret",
            {"secret_id": "s", "replication": {"auto": {}}, "deletion_protection": True},
            "without setting deletion_protection=false",
        ),
    ],
)
def test_deletion_protection_refuses_and_loses_nothing(google, network, type_, attributes, message):
    state = google.create(type_, **attributes)
    with pytest.raises(Refused, match=message):
        google.delete(type_, state)
    assert google.read(type_, state) == state


@pytest.mark.parametrize(
    ("type_", "attributes", "message"),
    [
        ("google_compute_firewall", {"enable_logging": False, "log_config": {"metadata": "x"}}, "log_config cannot"),
        ("google_compute_firewall", {"direction": "INGRESS"}, "one of source_tags, source_ranges, or"),
        ("google_compute_router", {"bgp": {"asn": 64512, "advertised_groups": ["ALL_SUBNETS"]}}, "advertised_groups"),
        ("google_compute_router_nat", {"drain_nat_ips": ["a"]}, "New RouterNat cannot have drain_nat_ips"),
        ("google_container_cluster", {"node_version": "1", "remove_default_node_pool": True}, "node_version can only"),
        (
            "google_container_cluster",
            {
                "cluster_autoscaling": {
                    "auto_provisioning_defaults": {"upgrade_settings": {"strategy": "BLUE_GREEN", "max_surge": 1}}
                }
            },
            "can only be used when strategy is set to SURGE",
        ),
        (
            "google_sql_database_instance",
            {
                "database_version": "MYSQL_8_0",
                "settings": {"backup_configuration": {"point_in_time_recovery_enabled": True}},
            },
            "point_in_time_recovery_enabled is only available",
        ),
    ],
)
def test_what_the_provider_refuses_at_the_plan(google, type_, attributes, message):
    with pytest.raises(Refused, match=message):
        google.plan(type_, name="x", **attributes)


@pytest.mark.parametrize(
    ("api", "type_", "attributes"),
    [
        ("monitoring", "google_monitoring_group", {"display_name": "g", "filter": "x"}),
        ("bigquerydatatransfer", "google_bigquery_data_transfer_config", {"display_name": "d", "data_source_id": "x"}),
        ("bigqueryconnection", "google_bigquery_connection", {"location": "US"}),
    ],
)
def test_objects_that_google_names(google, cloud, api, type_, attributes):
    cloud.enable("acme", f"{api}.googleapis.com")
    states = [google.create(type_, **attributes) for _ in range(2)]
    assert len({state["id"] for state in states}) == 2
    assert all(known(state) and "UNKNOWN" not in state["id"] for state in states)
    assert [google.read(type_, state) for state in states] == states
