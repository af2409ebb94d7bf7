"""Names within Google's and Kubernetes' limits, each used once."""

import re
from collections import Counter

import pytest

from metaflow_gcp import names

KINDS = {
    "google_artifact_registry_repository": ("repository_id", names.REPOSITORY),
    "google_certificate_manager_certificate": ("name", names.RESOURCE),
    "google_certificate_manager_certificate_map": ("name", names.RESOURCE),
    "google_compute_address": ("name", names.RESOURCE),
    "google_compute_backend_service": ("name", names.RESOURCE),
    "google_compute_global_address": ("name", names.RESOURCE),
    "google_compute_global_forwarding_rule": ("name", names.RESOURCE),
    "google_compute_health_check": ("name", names.RESOURCE),
    "google_compute_security_policy": ("name", names.RESOURCE),
    "google_compute_ssl_policy": ("name", names.RESOURCE),
    "google_compute_target_http_proxy": ("name", names.RESOURCE),
    "google_compute_target_https_proxy": ("name", names.RESOURCE),
    "google_compute_url_map": ("name", names.RESOURCE),
    "google_compute_firewall": ("name", names.RESOURCE),
    "google_compute_forwarding_rule": ("name", names.RESOURCE),
    "google_compute_network": ("name", names.RESOURCE),
    "google_compute_router": ("name", names.RESOURCE),
    "google_compute_router_nat": ("name", names.RESOURCE),
    "google_compute_subnetwork": ("name", names.RESOURCE),
    "google_container_cluster": ("name", names.CLUSTER),
    "google_container_node_pool": ("name", names.NODE_POOL),
    "google_project_iam_custom_role": ("role_id", (r"[a-zA-Z0-9_.]{3,64}", 64, "")),
    "google_secret_manager_secret": ("secret_id", (r"[a-zA-Z0-9_-]{1,255}", 255, "")),
    "google_service_account": ("account_id", names.SERVICE_ACCOUNT),
    "google_sql_database_instance": ("name", names.SQL_INSTANCE),
    "google_storage_bucket": ("name", names.BUCKET),
}
NAMELESS = {
    # Google names them; what people read is a title.
    "google_billing_budget",
    "google_monitoring_alert_policy",
    "google_monitoring_dashboard",
    "google_monitoring_notification_channel",
    # Named within what they are part of; a record and a service are named by the domain.
    "google_certificate_manager_certificate_map_entry",
    "google_compute_instance_group_named_port",
    "google_dns_record_set",
    "google_endpoints_service",
    "google_project_service",
    "google_secret_manager_secret_version",
    "google_sql_database",
    "google_sql_user",
    "google_storage_bucket_object",
}
EIGHT_HEX_DIGITS = re.compile(r"\$\{random_id\.<[^>]+>\.hex\}")


def name_of(element):
    key, _ = KINDS[element.type]
    # A random id of four bytes, whatever its digits will be.
    return EIGHT_HEX_DIGITS.sub("0123abcd", element.attributes[key])


def named(platform):
    return [each for each in platform.elements if each.type in KINDS and each.kind == "resource"]


def inside_the_cluster(platform):
    """What is named by namespace and name, releases included."""
    return [
        (each, each.attributes.get("metadata", each.attributes))
        for each in platform.elements
        if each.type.startswith(("kubernetes_", "helm_")) and each.kind == "resource"
    ]


def test_names_keep_to_kubernetes_limits(platform):
    """A release's name is at most 53 characters: charts add to it."""
    pattern, longest, _ = names.KUBERNETES
    for each, metadata in inside_the_cluster(platform):
        assert re.fullmatch(pattern, metadata["name"]), each.where
        assert len(metadata["name"]) <= (53 if each.type == "helm_release" else longest), each.where


def test_names_keep_to_google_s_limits(platform):
    for each in named(platform):
        pattern, longest, _ = KINDS[each.type][1]
        assert re.fullmatch(pattern, name_of(each)), each.where
        assert len(name_of(each)) <= longest, each.where


def test_project_and_database_together_keep_to_cloud_sql_s_limit(platform):
    [instance] = platform.of_type("google_sql_database_instance")
    assert len(f"{instance.attributes['project']}:{name_of(instance)}") <= names.SQL_INSTANCE[1]


def test_every_type_with_a_name_is_checked_here(platform):
    """A type that comes along belongs into one of the two tables."""
    types = {each.type for each in platform.elements if each.type.startswith("google_") and each.kind == "resource"}
    assert {type_ for type_ in types if "_iam_member" not in type_} <= KINDS.keys() | NAMELESS


def test_no_two_resources_of_a_type_have_the_same_name(platform):
    names = [(each.type, None, name_of(each)) for each in named(platform)]
    names += [(each.type, data.get("namespace"), data["name"]) for each, data in inside_the_cluster(platform)]
    count = Counter(names)
    assert [key for key, times in count.items() if times > 1] == []


def test_no_two_grants_are_the_same(platform):
    grants = Counter(
        (each.type, *sorted((key, str(value)) for key, value in each.attributes.items()))
        for each in platform.elements
        if each.type.endswith("_iam_member")
    )
    assert [grant for grant, times in grants.items() if times > 1] == []


def test_two_environments_of_a_project_share_no_name(platforms):
    """The settings differ in project and prefix, too: what is compared is the name without them."""
    one, other = platforms["minimal"], platforms["everything"]
    assert one.manifest["environment"] != other.manifest["environment"]
    # A pool's name is unique in its cluster.
    taken = [{(each.type, name_of(each)) for each in named(it) if "node_pool" not in each.type} for it in (one, other)]
    assert taken[0] & taken[1] == set()


@pytest.mark.parametrize("settings", ["minimal", "everything"])
def test_names_follow_the_setup_guide_so_that_what_exists_can_be_adopted(platforms, settings):
    platform = platforms[settings]
    environment, project = platform.manifest["environment"], platform.manifest["project"]
    assert platform.only("google_container_cluster")["name"] == f"gke-metaflow-{environment}"
    assert platform.only("google_compute_network")["name"] == f"vpc-metaflow-{environment}"
    buckets = {each.path: each.attributes["name"] for each in platform.of_type("google_storage_bucket")}
    assert buckets["datastore/bucket"] == f"storage-acme-{project}-metaflow-{environment}"
    repositories = [
        each.attributes["repository_id"] for each in platform.of_type("google_artifact_registry_repository")
    ]
    assert f"artifact-acme-{project}-metaflow-{environment}" in repositories
    assert name_of(platform.of_type("google_sql_database_instance")[0]).startswith(f"psql-metaflow-{environment}-")
