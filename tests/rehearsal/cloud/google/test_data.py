import pytest

from rehearsal.protocol.errors import Refused
from rehearsal.protocol.values import known


def test_an_object_of_the_same_type(google, network):
    state = google.data("google_compute_network", name="vpc")
    assert state["self_link"].endswith("projects/acme/global/networks/vpc")
    assert google.data("google_compute_subnetwork", name="nodes", region="us-west1")["ip_cidr_range"] == "10.0.0.0/24"
    assert known(state)


def test_a_cluster(google, cluster):
    state = google.data("google_container_cluster", name="main", location="us-west1")
    assert state["control_plane_endpoints_config"] == cluster["control_plane_endpoints_config"]
    assert state["deletion_protection"] is False


@pytest.mark.parametrize(
    ("type_", "named"),
    [
        ("google_compute_network", {"name": "other"}),
        ("google_container_cluster", {"name": "main", "location": "us-east1"}),
        ("google_storage_bucket", {"name": "other"}),
        ("google_secret_manager_secret_version", {"secret": "other"}),
    ],
)
def test_an_object_that_is_not_there(google, cluster, type_, named):
    with pytest.raises(Refused, match="404"):
        google.data(type_, **named)


def test_what_has_no_object(google):
    assert google.data("google_client_config")["access_token"].startswith("ya29.")
    assert google.data("google_project", project_id="acme")["number"] == "123456789012"
    assert google.data("google_compute_zones", region="us-west1")["names"] == ["us-west1-a", "us-west1-b", "us-west1-c"]
    assert google.data("google_netblock_ip_ranges", range_type="restricted-googleapis")["cidr_blocks_ipv4"] == [
        "199.36.153.4/30"
    ]
    assert google.data("google_container_engine_versions", location="us-west1")["latest_master_version"]


def test_the_latest_version_of_a_secret(google):
    google.create("google_secret_manager_secret", secret_id="s", replication={"auto": {}})
    for value in ("first", "second"):
        google.create("google_secret_manager_secret_version", secret="projects/acme/secrets/s", secret_data=value)
    assert google.data("google_secret_manager_secret_version", secret="s")["secret_data"] == "second"
    assert google.data("google_secret_manager_secret_version", secret="s", version="1")["secret_data"] == "first"


def test_a_service_account_by_its_short_name(google):
    google.create("google_service_account", account_id="runner")
    assert google.data("google_service_account", account_id="runner")["email"] == "runner@acme.iam.gserviceaccount.com"


def test_a_project_that_does_not_exist(google):
    with pytest.raises(Refused, match="elsewhere"):
        google.data("google_project", project_id="elsewhere")


def test_an_api_that_is_not_enabled(google, cloud):
    cloud.disable("acme", "compute.googleapis.com")
    with pytest.raises(Refused, match="compute"):
        google.data("google_compute_network", name="vpc")


def test_one_nobody_taught_it(google):
    with pytest.raises(Refused, match="knows no answer for the data source google_dns_keys"):
        google.data("google_dns_keys", managed_zone="x")
