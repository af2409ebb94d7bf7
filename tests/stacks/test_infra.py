"""What infra is made of, beyond what its constructs' own tests show: how they are put together."""

from typing import Any

import pytest

GPU = "nvidia-l4"
OF_A_NETWORK = (
    "google_compute_network",
    "google_compute_subnetwork",
    "google_compute_router",
    "google_compute_router_nat",
    "google_compute_firewall",
)


@pytest.mark.parametrize("type_", OF_A_NETWORK)
def test_an_existing_network_is_left_as_it_is(platforms, type_):
    assert platforms["minimal"].of_type(type_)
    assert platforms["existing-network"].of_type(type_) == []


def test_an_existing_network_is_read_and_its_ranges_are_checked_at_plan_time(platforms):
    [subnetwork] = [each for each in platforms["existing-network"].elements if each.type == "google_compute_subnetwork"]
    assert subnetwork.kind == "data"
    assert subnetwork.attributes["project"] == "acme-network-host"
    conditions = [each["condition"] for each in subnetwork.attributes["lifecycle"]["postcondition"]]
    for named in ("metaflow-pods", "metaflow-services", "/shared"):
        assert any(f'"{named}"' in condition for condition in conditions)
    assert "${self.private_ip_google_access}" in conditions


def test_cluster_and_database_are_in_the_existing_network(platforms):
    platform, subnetwork = platforms["existing-network"], "${data.google_compute_subnetwork.<network/subnetwork>"
    cluster = platform.only("google_container_cluster")
    assert cluster["network"] == f"{subnetwork}.network}}"
    assert cluster["subnetwork"] == f"{subnetwork}.self_link}}"
    assert cluster["ip_allocation_policy"] == {
        "cluster_secondary_range_name": "metaflow-pods",
        "services_secondary_range_name": "metaflow-services",
    }
    assert platform.only("google_compute_address")["subnetwork"] == f"{subnetwork}.self_link}}"
    assert platform.only("google_compute_forwarding_rule")["network"] == f"{subnetwork}.network}}"


def test_task_and_gpu_pools_idle_at_no_node(platforms):
    """Known defect 18 of the templates: the GPU pool starts one billed node."""
    pools = {each.path: each.attributes for each in platforms["minimal"].of_type("google_container_node_pool")}
    assert set(pools) == {"system-pool/pool", "task-pool-cpu/pool", "gpu-pool-l4/pool"}
    for path in ("task-pool-cpu/pool", "gpu-pool-l4/pool"):
        assert pools[path]["initial_node_count"] == 0
        assert pools[path]["autoscaling"]["total_min_node_count"] == 0


def test_the_gpu_driver_is_installed_by_gke(platform):
    """Known defect 5 of the templates: the driver's setting is carried along and never used."""
    pools = [each for each in platform.of_type("google_container_node_pool") if each.path.startswith("gpu-pool-")]
    assert pools
    for pool in pools:
        [gpu] = pool.attributes["node_config"]["guest_accelerator"]
        assert gpu["gpu_driver_installation_config"]["gpu_driver_version"] in ("DEFAULT", "LATEST")


def test_the_system_pool_has_a_node_for_the_services_and_keeps_tasks_off(platform):
    [system] = [each for each in platform.of_type("google_container_node_pool") if each.path == "system-pool/pool"]
    assert system.attributes["autoscaling"]["total_min_node_count"] >= 1
    assert system.attributes["node_config"]["taint"]


def test_every_pool_is_of_the_cluster_and_stays_in_the_region(platform):
    region = platform.manifest["region"]
    for pool in platform.of_type("google_container_node_pool"):
        assert pool.attributes["cluster"] == "${google_container_cluster.<cluster/cluster>.name}"
        assert pool.attributes["location"] == "${google_container_cluster.<cluster/cluster>.location}"
        assert all(zone.startswith(f"{region}-") for zone in pool.attributes["node_locations"])


def test_gke_adds_nodes_within_limits_that_leave_the_pools_room_to_grow(platform):
    """Limits below the sum of the pools stop the pools from growing: they count all nodes of the cluster.

    https://cloud.google.com/kubernetes-engine/docs/how-to/node-auto-provisioning#resource_limits
    """
    limits = {
        each["resource_type"]: each["maximum"]
        for each in platform.only("google_container_cluster")["cluster_autoscaling"]["resource_limits"]
    }
    gpus: dict[str, Any] = {}
    for pool in platform.of_type("google_container_node_pool"):
        for gpu in pool.attributes["node_config"].get("guest_accelerator", []):
            nodes = pool.attributes["autoscaling"]["total_max_node_count"]
            gpus[gpu["type"]] = gpus.get(gpu["type"], 0) + gpu["count"] * nodes
    assert {kind: maximum for kind, maximum in limits.items() if kind not in ("cpu", "memory")} == gpus


def test_without_auto_provisioning_there_is_no_account_for_its_nodes(synthesized):
    platform = synthesized(METAFLOW_GCP_CLUSTER__AUTO_PROVISIONING__ENABLED="false")
    assert platform.only("google_container_cluster")["cluster_autoscaling"]["enabled"] is False
    assert "autonodes/account" not in {each.path for each in platform.of_type("google_service_account")}


def test_a_further_pool_leaves_everything_else_alone(synthesized, platforms):
    """Construct ids follow names, not places in a list."""
    added = '{"a-first": {"machine_type": "e2-standard-4"}, "cpu": {}}'
    more = synthesized(METAFLOW_GCP_TASK_POOLS=added, METAFLOW_GCP_CLUSTER__AUTO_PROVISIONING__ENABLED="false")
    fewer = synthesized(METAFLOW_GCP_CLUSTER__AUTO_PROVISIONING__ENABLED="false")
    before = {(each.type, each.path): each.attributes for each in fewer.elements}
    after = {(each.type, each.path): each.attributes for each in more.elements}
    # It says how many nodes the pools have at most.
    says = {("google_monitoring_alert_policy", "observability/pool-full")}
    assert [key for key in before if before[key] != after.get(key) and key not in says] == []
    assert after.keys() - before.keys() == {("google_container_node_pool", "task-pool-a-first/pool")}
    assert before.keys() <= {(each.type, each.path) for each in platforms["minimal"].elements}
