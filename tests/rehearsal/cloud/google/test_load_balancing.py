"""Load balancers: what is in use stays, certificates come later, and a deleted name is gone for a month."""

import pytest

from rehearsal.cloud.google.load_balancing import GROUP
from rehearsal.protocol.errors import Refused
from tests.rehearsal.cloud.google.shapes import POOL


@pytest.fixture(autouse=True)
def _apis(cloud):
    for api in ("certificatemanager", "servicemanagement"):
        cloud.enable("acme", f"{api}.googleapis.com")


@pytest.fixture
def group(google, cluster):
    pool = google.create("google_container_node_pool", **POOL)
    return pool, pool["managed_instance_group_urls"][0]


def test_a_pool_whose_nodes_take_requests_cannot_go(google, cloud, group):
    pool, link = group
    google.create("google_compute_instance_group_named_port", group=link, zone="us-west1-a", name="ui", port=30083)
    check = google.create(
        "google_compute_health_check", name="ui", http_health_check={"port_specification": "USE_SERVING_PORT"}
    )
    backend = google.create(
        "google_compute_backend_service",
        name="ui",
        port_name="ui",
        health_checks=[check["id"]],
        backend=[{"group": link}],
    )
    with pytest.raises(Refused, match=r"instance_group resource .* is already being used by .*backendServices/ui"):
        google.delete("google_container_node_pool", pool)
    with pytest.raises(Refused, match="resourceInUseByAnotherResource"):
        google.delete("google_compute_health_check", check)
    google.delete("google_compute_backend_service", backend)
    google.delete("google_container_node_pool", pool)
    assert cloud.all(GROUP) == cloud.all("google_compute_instance_group_named_port") == []


def test_a_port_that_no_group_names_is_told(google, cloud, group):
    google.create("google_compute_backend_service", name="ui", port_name="ui", backend=[{"group": group[1]}])
    assert any("names no port 'ui'" in note for note in cloud.notes())


def test_a_certificate_is_issued_when_its_name_leads_somewhere(google, cloud):
    made = google.create("google_certificate_manager_certificate", name="c", managed={"domains": ["ml.example.com"]})
    assert made["managed"][0]["state"] == "PROVISIONING"
    assert google.read("google_certificate_manager_certificate", made)["managed"][0]["state"] == "PROVISIONING"
    google.create("google_endpoints_service", service_name="ml.example.com", openapi_config="{}")
    assert google.read("google_certificate_manager_certificate", made)["managed"][0]["state"] == "ACTIVE"


def test_the_name_of_a_deleted_service_is_kept(google):
    """https://cloud.google.com/service-infrastructure/docs/create-services#undeleting ."""
    made = google.create("google_endpoints_service", service_name="a.endpoints.acme.cloud.goog", openapi_config="{}")
    google.delete("google_endpoints_service", made)
    with pytest.raises(Refused, match="purged after 30 days"):
        google.create("google_endpoints_service", service_name="a.endpoints.acme.cloud.goog", openapi_config="{}")
