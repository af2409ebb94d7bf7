"""What is switched on and does nothing."""

from rehearsal.cloud.google.features import findings


def test_apis_that_features_need(google, cloud, cluster):
    assert list(findings(cloud)) == []
    google.create(
        "google_container_node_pool", name="p", cluster="main", node_config={"gcfs_config": {"enabled": True}}
    )
    cloud.disable("acme", "iamcredentials.googleapis.com")
    assert list(findings(cloud)) == [
        "project acme: image streaming needs containerfilesystem.googleapis.com, which is not enabled",
        "project acme: Workload Identity needs iamcredentials.googleapis.com, which is not enabled",
    ]


def test_private_nodes_without_a_way_out(google, cloud, network):
    google.create(
        "google_container_cluster",
        name="main",
        location="us-west1",
        **network,
        private_cluster_config={"enable_private_nodes": True},
    )
    [said] = findings(cloud)
    assert "its nodes are private, and no Cloud NAT leads from vpc to the internet" in said
    google.create("google_compute_router", name="r", network="vpc")
    google.create(
        "google_compute_router_nat",
        name="nat",
        router="r",
        nat_ip_allocate_option="AUTO_ONLY",
        source_subnetwork_ip_ranges_to_nat="ALL_SUBNETWORKS_ALL_IP_RANGES",
    )
    assert list(findings(cloud)) == []
