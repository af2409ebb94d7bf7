"""What is new about an object: its computed attributes, places and labels."""

import ipaddress

import pytest

from rehearsal.protocol.errors import Refused
from rehearsal.protocol.values import UNKNOWN, known


def test_a_new_network_is_wholly_known_and_looks_like_googles(google):
    state = google.create("google_compute_network", name="vpc")
    assert known(state)
    assert state["id"] == "projects/acme/global/networks/vpc"
    assert state["self_link"] == "https://www.googleapis.com/compute/v1/projects/acme/global/networks/vpc"
    assert state["project"] == "acme"


def test_places_are_the_providers_where_nothing_is_said(google):
    planned = google.plan("google_compute_address", name="a")
    assert (planned["project"], planned["region"]) == ("acme", "us-west1")
    assert google.plan("google_compute_address", name="a", region="us-east1")["region"] == "us-east1"
    assert google.plan("google_compute_address", name="a", region=UNKNOWN)["region"] is UNKNOWN


def test_labels_are_merged_with_the_providers(google):
    planned = google.plan("google_secret_manager_secret", secret_id="s", labels={"a": "b"}, replication={"auto": {}})
    assert planned["terraform_labels"] == {"a": "b", "team": "ml", "goog-terraform-provisioned": "true"}
    assert planned["effective_labels"] == planned["terraform_labels"]
    assert google.plan("google_secret_manager_secret", secret_id="s", labels=UNKNOWN)["effective_labels"] is UNKNOWN


def test_a_label_taken_away_is_gone(google):
    prior = google.create("google_secret_manager_secret", secret_id="s", labels={"a": "b"}, replication={"auto": {}})
    planned = google.plan("google_secret_manager_secret", prior, secret_id="s", labels={}, replication={"auto": {}})
    assert planned["effective_labels"] == {"team": "ml", "goog-terraform-provisioned": "true"}


def test_a_service_account_is_known_before_it_is_made(google):
    planned = google.plan("google_service_account", account_id="runner")
    assert planned["email"] == "runner@acme.iam.gserviceaccount.com"
    assert planned["member"] == "serviceAccount:runner@acme.iam.gserviceaccount.com"
    state = google.create("google_service_account", account_id="runner")
    assert state["name"] == "projects/acme/serviceAccounts/runner@acme.iam.gserviceaccount.com"
    assert len(state["unique_id"]) == 21


def test_a_cluster_is_reached_by_its_dns_endpoint(cluster):
    endpoint = cluster["control_plane_endpoints_config"][0]["dns_endpoint_config"][0]["endpoint"]
    assert endpoint.startswith("gke-")
    assert endpoint.endswith("-123456789012.us-west1.gke.goog")
    assert ipaddress.ip_address(cluster["endpoint"])
    assert cluster["master_auth"][0]["cluster_ca_certificate"]
    assert known(cluster)


def test_an_instance_over_private_service_connect(google):
    psc = {"psc_enabled": True, "allowed_consumer_projects": ["acme"]}
    settings = {
        "tier": "db-custom-2-8192",
        "edition": "ENTERPRISE",
        "ip_configuration": {"ipv4_enabled": False, "psc_config": psc},
    }
    state = google.create("google_sql_database_instance", name="db", database_version="POSTGRES_16", settings=settings)
    assert state["connection_name"] == "acme:us-west1:db"
    assert "/regions/us-west1/serviceAttachments/" in state["psc_service_attachment_link"]
    assert state["server_ca_cert"][0]["cert"].startswith("-----BEGIN CERTIFICATE-----")
    assert state["first_ip_address"] == ""
    assert state["id"] == "db"


def test_internal_addresses_lie_in_their_subnet_and_differ(google, network):
    first, second = (
        google.create("google_compute_address", name=name, address_type="INTERNAL", subnetwork="nodes")["address"]
        for name in "ab"
    )
    assert first != second
    assert {ipaddress.ip_address(each) in ipaddress.ip_network("10.0.0.0/24") for each in (first, second)} == {True}


def test_a_forwarding_rule_takes_its_address(google, network):
    address = google.create("google_compute_address", name="a", address_type="INTERNAL", subnetwork="nodes")
    rule = google.create("google_compute_forwarding_rule", name="r", ip_address=address["id"], network="vpc")
    assert rule["ip_address"] == address["id"]
    by_itself = google.create("google_compute_forwarding_rule", name="s", network="vpc")
    assert ipaddress.ip_address(by_itself["ip_address"])


def test_secret_versions_count_up_and_never_repeat(google):
    google.create("google_secret_manager_secret", secret_id="s", replication={"auto": {}})
    first = google.create("google_secret_manager_secret_version", secret="projects/acme/secrets/s", secret_data="x")
    google.delete("google_secret_manager_secret_version", first)
    second = google.create("google_secret_manager_secret_version", secret="projects/acme/secrets/s", secret_data="y")
    assert [first["version"], second["version"]] == ["1", "2"]
    assert second["id"] == "projects/123456789012/secrets/s/versions/2"


def test_a_bucket(google):
    state = google.create("google_storage_bucket", name="things", location="us-west1")
    assert (state["id"], state["url"], state["location"]) == ("things", "gs://things", "US-WEST1")


def test_what_is_computed_is_the_same_each_time(google):
    first = google.create("google_compute_network", name="vpc")
    google.delete("google_compute_network", first)
    assert google.create("google_compute_network", name="vpc") == first


def test_an_update_keeps_what_was_computed(google):
    prior = google.create("google_storage_bucket", name="things", location="us-west1")
    state = google.update("google_storage_bucket", prior, name="things", location="us-west1", force_destroy=True)
    assert state == prior | {"force_destroy": True}
    assert google.read("google_storage_bucket", prior) == state


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
