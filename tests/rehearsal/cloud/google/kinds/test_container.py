"""Clusters and node pools."""

import ipaddress

import pytest

from rehearsal.protocol.errors import Refused
from rehearsal.protocol.values import known


def test_a_cluster_is_reached_by_its_dns_endpoint(cluster):
    endpoint = cluster["control_plane_endpoints_config"][0]["dns_endpoint_config"][0]["endpoint"]
    assert endpoint.startswith("gke-")
    assert endpoint.endswith("-123456789012.us-west1.gke.goog")
    assert ipaddress.ip_address(cluster["endpoint"])
    assert cluster["master_auth"][0]["cluster_ca_certificate"]
    assert known(cluster)


def test_a_cluster_names_ranges_of_its_subnet(google, network):
    with pytest.raises(Refused, match='Secondary range "services" does not exist in subnetwork "nodes"'):
        google.create(
            "google_container_cluster",
            name="c",
            location="us-west1",
            **network,
            ip_allocation_policy={"cluster_secondary_range_name": "pods", "services_secondary_range_name": "services"},
        )


def test_dataplane_v2_excludes_the_old_network_policy(google, network):
    with pytest.raises(Refused, match="ADVANCED_DATAPATH"):
        google.create(
            "google_container_cluster",
            name="c",
            location="us-west1",
            **network,
            datapath_provider="ADVANCED_DATAPATH",
            network_policy={"enabled": True},
        )


@pytest.mark.parametrize(
    ("machine", "disk", "fits"),
    [
        ("n4-standard-2", "pd-balanced", False),
        ("n4-standard-2", "hyperdisk-balanced", True),
        ("e2-standard-2", "hyperdisk-balanced", False),
        ("a3-ultragpu-8g", "pd-ssd", False),
        ("z9-standard-2", "pd-balanced", True),
    ],
)
def test_a_boot_disk_and_its_machine(google, cluster, machine, disk, fits):
    def create():
        config = {"machine_type": machine, "disk_type": disk}
        google.create(
            "google_container_node_pool", name="pool", cluster="main", location="us-west1", node_config=config
        )

    if fits:
        create()
    else:
        with pytest.raises(Refused, match=f"{disk} disk type cannot be used by {machine} machine type"):
            create()


def test_a_default_pool_with_the_default_account_is_noted(google, network, cloud):
    wanted = {"location": "us-west1", "remove_default_node_pool": True, "initial_node_count": 1, **network}
    google.create("google_service_account", account_id="nodes-account")
    account = {"service_account": "nodes-account@acme.iam.gserviceaccount.com"}
    google.create("google_container_cluster", name="good", node_config=account, **wanted)
    assert cloud.notes() == []
    google.create("google_container_cluster", name="bad", **wanted)
    [note] = cloud.notes()
    assert "clusters/bad: its default node pool" in note
