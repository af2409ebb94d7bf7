from dataclasses import dataclass

import pytest

from metaflow_gcp.google.gke.auto_provisioning import AutoProvisioning
from metaflow_gcp.google.gke.cluster import GkeCluster, GkeClusterProps
from metaflow_gcp.google.gke.maintenance import MaintenanceWindow


@dataclass(frozen=True)
class SomeNetwork:
    network: str = "some-network"
    subnetwork: str = "some-subnetwork"
    pods_range: str = "some-pods"
    services_range: str = "some-services"


NODES = "gke-nodes@some-project.iam.gserviceaccount.com"
MINIMAL = {
    "project": "some-project",
    "name": "gke-metaflow-default",
    "location": "us-west1",
    "zones": ("us-west1-a", "us-west1-b"),
    "network": SomeNetwork(),
    "node_service_account": NODES,
}
AUTO = AutoProvisioning(service_account=NODES, max_cpus=100, max_memory_gb=400, max_gpus={"nvidia-l4": 5, "a": 1})
MAXIMAL = MINIMAL | {
    "release_channel": "STABLE",
    "authorized_networks": {"vpn": "203.0.113.0/24", "office": "198.51.100.7/32"},
    "maintenance": MaintenanceWindow(start_hour_utc=20, duration_hours=12, days=("WE",)),
    "security_group": "gke-security-groups@example.com",
    "auto_provisioning": AUTO,
    "binary_authorization": True,
    "labels": {"cost-center": "42"},
    "deletion_protection": False,
}


@pytest.fixture
def cluster(synthesize):
    def cluster(properties):
        stack = synthesize(lambda scope: GkeCluster(scope, "cluster", GkeClusterProps(**properties)))
        assert stack.paths == {"google_container_cluster": ["cluster/cluster"]}
        return stack.only("google_container_cluster")

    return cluster


def test_minimal(cluster, holds):
    holds(
        cluster(MINIMAL),
        {
            "project": "some-project",
            "name": "gke-metaflow-default",
            "location": "us-west1",
            "node_locations": ["us-west1-a", "us-west1-b"],
            "network": "some-network",
            "subnetwork": "some-subnetwork",
            "networking_mode": "VPC_NATIVE",
            "ip_allocation_policy": {
                "cluster_secondary_range_name": "some-pods",
                "services_secondary_range_name": "some-services",
            },
            "datapath_provider": "ADVANCED_DATAPATH",
            "network_policy": None,  # Google refuses it together with Dataplane V2, which enforces policies itself
            "workload_identity_config": {"workload_pool": "some-project.svc.id.goog"},
            "release_channel": {"channel": "REGULAR"},
            "authenticator_groups_config": None,
            "master_authorized_networks_config": None,
            "cluster_autoscaling": {"enabled": False},
        },
    )


def test_maximal(cluster, holds):
    holds(
        cluster(MAXIMAL),
        {
            "release_channel": {"channel": "STABLE"},
            "authenticator_groups_config": {"security_group": "gke-security-groups@example.com"},
            "maintenance_policy": {
                "recurring_window": {
                    "start_time": "2025-01-08T20:00:00Z",
                    "end_time": "2025-01-09T08:00:00Z",
                    "recurrence": "FREQ=WEEKLY;BYDAY=WE",
                }
            },
            "cluster_autoscaling": {"enabled": True},
        },
    )


def test_images_are_admitted_by_the_projects_policy_where_asked(cluster, synthesize):
    assert "binary_authorization" not in cluster(MINIMAL)
    assert cluster(MAXIMAL)["binary_authorization"] == {"evaluation_mode": "PROJECT_SINGLETON_POLICY_ENFORCE"}

    def apis(properties):
        made = []
        synthesize(lambda scope: made.append(GkeCluster(scope, "cluster", GkeClusterProps(**properties))))
        return made[0].requirements.apis

    assert apis(MAXIMAL) - apis(MINIMAL) == {"binaryauthorization.googleapis.com"}


def test_the_cluster_has_labels_of_its_own(cluster):
    assert cluster(MAXIMAL)["resource_labels"] == {"cost-center": "42"}


def test_nodes_have_no_external_address(cluster, holds):
    """Known defect 11 of the templates: public nodes."""
    for properties in (MINIMAL, MAXIMAL):
        holds(cluster(properties)["private_cluster_config"], {"enable_private_nodes": True})


def test_the_control_plane_is_reached_through_iam_and_not_by_address(cluster, holds):
    """Known defect 11 of the templates: a public control plane."""
    holds(
        cluster(MINIMAL)["control_plane_endpoints_config"],
        {"dns_endpoint_config": {"allow_external_traffic": True}, "ip_endpoints_config": {"enabled": False}},
    )


def test_the_address_is_opened_for_named_ranges_only(cluster, holds):
    holds(
        cluster(MAXIMAL),
        {
            "control_plane_endpoints_config": {"ip_endpoints_config": {"enabled": True}},
            "master_authorized_networks_config": {
                "cidr_blocks": [
                    {"display_name": "office", "cidr_block": "198.51.100.7/32"},
                    {"display_name": "vpn", "cidr_block": "203.0.113.0/24"},
                ],
                # Else every virtual machine of every customer of Google may connect.
                "gcp_public_cidrs_access_enabled": False,
            },
        },
    )


def test_deletion_protection_is_said_and_not_left_to_the_provider(cluster, holds):
    """Known defect 15 of the templates: from provider 5 on it is true where nothing is said."""
    holds(cluster(MINIMAL), {"deletion_protection": True, "lifecycle": {"prevent_destroy": True}})
    holds(cluster(MAXIMAL), {"deletion_protection": False, "lifecycle": {"prevent_destroy": None}})


def test_the_first_pool_can_be_made_in_a_new_project_and_goes_at_once(cluster, holds):
    """The default service account is often disabled, and SSD_TOTAL_GB, the quota for SSDs, small.

    https://cloud.google.com/resource-manager/docs/secure-by-default-organizations
    """
    made = cluster(MINIMAL)
    holds(
        made,
        {
            "remove_default_node_pool": True,
            "initial_node_count": 1,
            "node_config": {
                "service_account": NODES,
                "disk_type": "pd-standard",
                "disk_size_gb": 20,
                "workload_metadata_config": {"mode": "GKE_METADATA"},
                "shielded_instance_config": {"enable_secure_boot": True, "enable_integrity_monitoring": True},
            },
        },
    )


def test_a_change_of_the_first_pool_which_is_gone_does_not_replace_the_cluster(cluster):
    for properties in (MINIMAL, MAXIMAL):
        assert cluster(properties)["lifecycle"]["ignore_changes"] == ["node_config"]


def test_it_is_hardened(cluster, holds):
    for properties in (MINIMAL, MAXIMAL):
        holds(
            cluster(properties),
            {
                "enable_shielded_nodes": True,
                "enable_legacy_abac": False,
                "master_auth": {"client_certificate_config": {"issue_client_certificate": False}},
                "rbac_binding_config": {
                    "enable_insecure_binding_system_authenticated": False,
                    "enable_insecure_binding_system_unauthenticated": False,
                },
                "anonymous_authentication_config": {"mode": "LIMITED"},
                "service_external_ips_config": {"enabled": False},
                "node_pool_defaults": {"node_config_defaults": {"insecure_kubelet_readonly_port_enabled": "FALSE"}},
                "node_pool_auto_config": {"node_kubelet_config": {"insecure_kubelet_readonly_port_enabled": "FALSE"}},
                "security_posture_config": {"mode": "BASIC", "vulnerability_mode": "VULNERABILITY_DISABLED"},
            },
        )


def test_it_logs_measures_and_accounts(cluster, holds):
    made = cluster(MINIMAL)
    holds(
        made,
        {
            "monitoring_config": {"managed_prometheus": {"enabled": True}},
            "cost_management_config": {"enabled": True},
        },
    )
    assert set(made["logging_config"]["enable_components"]) == {"SYSTEM_COMPONENTS", "WORKLOADS"}


def test_it_runs_no_load_balancer_s_controller_and_streams_images(cluster, holds):
    holds(
        cluster(MINIMAL),
        {
            "addons_config": {
                "http_load_balancing": {"disabled": True},
                "gcs_fuse_csi_driver_config": {"enabled": True},
                "dns_cache_config": {"enabled": True},
            },
            "node_pool_defaults": {"node_config_defaults": {"gcfs_config": {"enabled": True}}},
        },
    )


def test_nodes_that_gke_adds_run_as_their_own_account_and_are_hardened(cluster, holds):
    """Known defect 10 of the templates: they run as the Compute Engine default account."""
    holds(
        cluster(MAXIMAL)["cluster_autoscaling"]["auto_provisioning_defaults"],
        {
            "service_account": NODES,
            "management": {"auto_repair": True, "auto_upgrade": True},
            "shielded_instance_config": {"enable_secure_boot": True, "enable_integrity_monitoring": True},
            "image_type": "COS_CONTAINERD",
        },
    )


def test_nodes_that_gke_adds_have_limits_and_stay_in_the_zones(cluster, holds):
    autoscaling = cluster(MAXIMAL)["cluster_autoscaling"]
    assert {each["resource_type"]: each["maximum"] for each in autoscaling["resource_limits"]} == {
        "cpu": 100,
        "memory": 400,
        "nvidia-l4": 5,
        "a": 1,
    }
    holds(autoscaling, {"auto_provisioning_locations": ["us-west1-a", "us-west1-b"]})


def test_empty_nodes_are_given_back_soon(cluster):
    for properties in (MINIMAL, MAXIMAL):
        assert cluster(properties)["cluster_autoscaling"]["autoscaling_profile"] == "OPTIMIZE_UTILIZATION"


def test_who_uses_the_workload_pool_or_the_endpoint_waits_for_the_cluster(synthesize):
    """The identity pool does not exist before the project's first cluster has it: "Identity Pool does not exist".

    https://github.com/terraform-google-modules/terraform-google-kubernetes-engine/issues/916
    """

    def build(scope):
        cluster = GkeCluster(scope, "cluster", GkeClusterProps(**MINIMAL))
        return {"pool": cluster.workload_pool, "endpoint": cluster.dns_endpoint, "name": cluster.name}

    cluster = "${google_container_cluster.<cluster/cluster>."
    assert synthesize(build).values == {
        "pool": cluster + "workload_identity_config[0].workload_pool}",
        "endpoint": cluster + "control_plane_endpoints_config[0].dns_endpoint_config[0].endpoint}",
        "name": cluster + "name}",
    }


@pytest.mark.parametrize(
    ("properties", "where", "said"),
    [
        ({"name": "gke_metaflow"}, "name", "a letter first"),
        ({"name": "g" * 41}, "name", "at most 40"),
        ({"release_channel": "NIGHTLY"}, "release_channel", "RAPID, REGULAR, STABLE"),
        ({"authorized_networks": {"all": "0.0.0.0/0"}}, "authorized_networks.all", "remove it"),
        ({"authorized_networks": {"x": "1.2.3.4"}}, "authorized_networks.x", 'write "1.2.3.4/32"'),
        ({"maintenance": MaintenanceWindow(duration_hours=4, days=("MO",))}, "maintenance.days", "48 hours"),
        ({"maintenance": MaintenanceWindow(start_hour_utc=24)}, "maintenance.start_hour_utc", "0 to 23"),
    ],
)
def test_what_is_wrong_is_refused(properties, where, said, refused):
    refused(lambda: GkeClusterProps(**MINIMAL | properties), where, said)
