"""What Google's resources must be in every platform, put together as they are: closed, protected, destroyable."""

import re

PEERS = re.compile(r"peering|service_networking_connection|vpc_access")


def test_the_control_plane_is_reached_through_iam_or_from_networks_that_are_named(platform):
    """Known defect 11 of the templates: a public control plane."""
    cluster = platform.only("google_container_cluster")
    endpoints = cluster["control_plane_endpoints_config"]
    assert endpoints["dns_endpoint_config"]["allow_external_traffic"] is True
    authorized = cluster.get("master_authorized_networks_config", {}).get("cidr_blocks", [])
    assert endpoints["ip_endpoints_config"]["enabled"] is bool(authorized)
    assert not any(each["cidr_block"].endswith("/0") for each in authorized)


def test_nodes_are_private_and_reach_out_through_nat(platform):
    """Known defect 11 of the templates: public nodes, no NAT."""
    assert platform.only("google_container_cluster")["private_cluster_config"] == {"enable_private_nodes": True}
    if platform.settings == "existing-network":
        assert platform.of_type("google_compute_router_nat") == []  # whoever made the network made its NAT
    else:
        [subnetwork] = platform.only("google_compute_router_nat")["subnetwork"]
        assert subnetwork["name"] == platform.only("google_container_cluster")["subnetwork"]


def test_the_database_has_no_public_address_and_talks_tls_only(platform):
    """Known defect 11 of the templates: everything public."""
    network = platform.only("google_sql_database_instance")["settings"]["ip_configuration"]
    assert network["ipv4_enabled"] is False
    assert network["ssl_mode"] == "ENCRYPTED_ONLY"


def test_the_bucket_is_closed_and_keeps_what_settings_say(platform):
    """Known defect 12 of the templates: no versioning, no lifecycle, no public-access prevention."""
    buckets = {each.path: each.attributes for each in platform.of_type("google_storage_bucket")}
    for each in buckets.values():
        assert each["public_access_prevention"] == "enforced"
        assert each["uniform_bucket_level_access"] is True
    bucket = buckets["datastore/bucket"]
    versioned = platform.settings != "everything"
    assert bucket["versioning"] == {"enabled": versioned}
    actions = {each["action"]["type"] for each in bucket["lifecycle_rule"]}
    assert actions == {"AbortIncompleteMultipartUpload"} | ({"Delete"} if versioned else set())


def test_every_protection_against_deleting_is_said(platform):
    """Known defect 15 of the templates: from provider 5 on the cluster's is on where nothing is said."""
    on = platform.settings != "everything"
    for type_ in ("google_container_cluster", "google_sql_database_instance"):
        assert platform.only(type_)["deletion_protection"] is on


def test_networks_are_not_peered(platform):
    """Known defect 16 of the templates: a peering cannot be destroyed cleanly."""
    assert [each.where for each in platform.elements if PEERS.search(each.type)] == []
    assert platform.only("google_sql_database_instance")["settings"]["ip_configuration"]["psc_config"]
    assert "psc_service_attachment_link" in platform.only("google_compute_forwarding_rule")["target"]


def test_the_edition_is_said_and_takes_the_tier(platform):
    """Known defect 17 of the templates: Postgres 16 defaults to ENTERPRISE_PLUS, which rejects db-custom tiers."""
    database = platform.only("google_sql_database_instance")
    assert database["database_version"] == "POSTGRES_16"
    assert database["settings"]["edition"] == "ENTERPRISE"
    assert database["settings"]["tier"].startswith("db-custom-")
