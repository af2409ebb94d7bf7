"""What refers to what."""

import pytest

from rehearsal.protocol.errors import Refused
from tests.rehearsal.cloud.google.shapes import SQL, settings


@pytest.mark.parametrize(
    ("type_", "attributes", "missing"),
    [
        (
            "google_compute_subnetwork",
            {"name": "s", "network": "nowhere", "ip_cidr_range": "10.0.0.0/24"},
            "networks/nowhere",
        ),
        ("google_compute_router_nat", {"name": "nat", "router": "none"}, "routers/none"),
        ("google_container_node_pool", {"name": "p", "cluster": "none", "location": "us-west1"}, "clusters/none"),
        ("google_sql_user", {"name": "u", "instance": "none"}, "instances/none"),
        ("google_storage_bucket_object", {"name": "o", "bucket": "none", "content": "x"}, "none"),
        ("google_secret_manager_secret_version", {"secret": "projects/acme/secrets/none"}, "secrets/none"),
        (
            "google_artifact_registry_repository_iam_member",
            {"repository": "none", "location": "us-west1", "role": "roles/viewer", "member": "user:a@b.c"},
            "repositories/none",
        ),
        (
            "google_storage_bucket_iam_member",
            {"bucket": "none", "role": "roles/viewer", "member": "user:a@b.c"},
            "none",
        ),
        (
            "google_container_cluster",
            {
                "name": "c",
                "location": "us-west1",
                "network": "vpc",
                "node_config": {"service_account": "none@acme.iam.gserviceaccount.com"},
            },
            "none@acme.iam.gserviceaccount.com",
        ),
        (
            "google_project_iam_member",
            {"project": "acme", "role": "roles/viewer", "member": "serviceAccount:none@acme.iam.gserviceaccount.com"},
            "none@acme.iam.gserviceaccount.com",
        ),
        (
            "google_project_iam_member",
            {"project": "acme", "role": "projects/acme/roles/none", "member": "user:a@b.c"},
            "projects/acme/roles/none",
        ),
    ],
)
def test_a_reference_to_nothing(google, network, type_, attributes, missing):
    with pytest.raises(
        Refused, match=f"(404|does not exist).*{missing}|{missing} does not exist|'{missing}' was not found"
    ):
        google.create(type_, **attributes)


def test_what_is_in_use_stays(google, network):
    vpc, nodes = google.find("google_compute_network", "vpc"), google.find("google_compute_subnetwork", "nodes")
    with pytest.raises(Refused, match=r"already.*being used by 'projects/acme/regions/us-west1/subnetworks/nodes'"):
        google.delete("google_compute_network", vpc)
    address = google.create("google_compute_address", name="a", address_type="INTERNAL", subnetwork=nodes["id"])
    with pytest.raises(Refused, match="addresses/a"):
        google.delete("google_compute_subnetwork", nodes)
    for type_, state in (("address", address), ("subnetwork", nodes), ("network", vpc)):
        google.delete(f"google_compute_{type_}", state)


def test_parts_go_with_the_whole(google, cloud):
    instance = google.create("google_sql_database_instance", **SQL, settings=settings())
    user = google.create("google_sql_user", name="u", instance="db")
    google.delete("google_sql_database_instance", instance)
    assert google.read("google_sql_user", user) is None
    assert cloud.all() == []
