"""`platform.json`, from which the tools know what the deployment needs and how its parts are named."""

import pytest

from metaflow_gcp.google.gke import gpu_machines, machine_types
from metaflow_gcp.metaflow.client_profile import LOCAL_PORTS
from tests.stacks.invariants.world import World

KEYS = {
    "kind",
    "version",
    "project",
    "environment",
    "region",
    "zones",
    "machine_types",
    "apis",
    "quotas",
    "names",
    "forwards",
    "images",
    "charts",
    "pools",
}


def quotas(platform):
    return {
        (each["metric"], each["region"]): (each["at_start"], each["at_maximum"]) for each in platform.manifest["quotas"]
    }


def test_a_key_that_changes_or_goes_away_raises_the_version(platform):
    assert (platform.manifest["kind"], platform.manifest["version"]) == ("PlatformManifest", 1)
    assert platform.manifest.keys() >= KEYS


def test_apis_are_those_that_the_apis_stack_enables(platform):
    enabled = [each.attributes["service"] for each in platform.of_type("google_project_service")]
    assert platform.manifest["apis"] == sorted(enabled)


def test_names_are_those_of_the_resources(platform):
    names = platform.manifest["names"]
    assert names["cluster"] == platform.only("google_container_cluster")["name"]
    buckets = {each.path: each.attributes["name"] for each in platform.of_type("google_storage_bucket")}
    assert names["bucket"] == buckets["datastore/bucket"]
    [own] = [
        each.attributes["repository_id"]
        for each in platform.of_type("google_artifact_registry_repository")
        if each.path == "registry/repository"
    ]
    assert names["repository"] == own


def test_machine_types_and_zones_are_those_of_the_pools(platform):
    pools = [each.attributes for each in platform.of_type("google_container_node_pool")]
    assert platform.manifest["machine_types"] == sorted({each["node_config"]["machine_type"] for each in pools})
    assert platform.manifest["zones"] == sorted({zone for each in pools for zone in each["node_locations"]})


def test_a_forward_leads_to_a_service_that_is_there(platform):
    """Known defect 4 of the templates: the instructions for port forwards name the wrong deployment."""
    world = World.of(platform)
    services = {
        (each["metadata"]["namespace"], each["metadata"]["name"], port["port"])
        for each in world.of_kind("Service")
        # Not those that the endpoint's load balancer comes by.
        if each["spec"].get("type") != "NodePort"
        for port in each["spec"]["ports"]
    }
    forwards = {(each["namespace"], each["service"], each["port"]) for each in platform.manifest["forwards"]}
    # The API server calls JobSet's; people have nothing to do there.
    assert services - forwards == {("argo", "jobset-webhook-service", 443)}
    assert forwards <= services


def test_a_forward_ends_where_the_profile_says(platform):
    forwards = {each["name"]: each["port"] for each in platform.manifest["forwards"]}
    assert forwards == LOCAL_PORTS
    profile = World.of(platform).profile
    pages = {"UI_URL": "metaflow-ui", "ARGO_WORKFLOWS_UI_URL": "argo-server"}
    for key, name in {"SERVICE_URL": "metadata-service", "ARGO_EVENTS_WEBHOOK_URL": "events", **pages}.items():
        # With an endpoint, what people look at is there; programs go on by the forward, or by the proxy in its place.
        at = "https://" if platform.settings == "everything" and key in pages else f"http://127.0.0.1:{forwards[name]}"
        assert profile[f"METAFLOW_{key}"].startswith(at), key


def test_users_may_forward_every_port_that_the_manifest_names(platforms):
    world = World.of(platforms["everything"])
    allowed = {
        each["metadata"]["namespace"]
        for each in world.of_kind("Role")
        if any("pods/portforward" in rule["resources"] and "create" in rule["verbs"] for rule in each["rules"])
    }
    assert allowed == {each["namespace"] for each in world.forwards}


def test_the_default_gpu_pool_draws_on_the_quota_that_the_catalogue_names(platforms):
    accelerators = gpu_machines.accelerators("g2-standard-12", None, None)
    drawn = quotas(platforms["minimal"])
    assert drawn[accelerators.gpu.regional_quota_metric, "us-west1"] == (0, 5 * accelerators.count)
    assert drawn["GPUS_ALL_REGIONS", None] == (0, 5 * accelerators.count)


def test_quotas_are_summed_over_everything_that_draws_on_them(platforms):
    drawn = quotas(platforms["minimal"])
    # Three nodes of the system pool at start, one in each zone; three, ten and five at most. GKE may add 32 vCPUs.
    assert drawn["CPUS_ALL_REGIONS", None] == (3 * 2, 3 * 2 + 10 * 8 + 5 * 12 + 32)
    assert drawn["SSD_TOTAL_GB", "us-west1"] == (3 * 50, 3 * 50 + 10 * 100 + 5 * 200)
    assert drawn["IN_USE_ADDRESSES", "us-west1"] == (1, 1)


@pytest.mark.parametrize(("name", "beyond"), [("minimal", 32), ("everything", 64), ("existing-network", 32)])
def test_what_gke_may_add_by_itself_counts(platforms, name, beyond):
    platform = platforms[name]
    given = {"a4x-highgpu-4g": 140}  # Its name does not say it: the settings do.
    of_pools = sum(
        (machine_types.vcpus(pool["machine_type"]) or given[pool["machine_type"]]) * pool["max_nodes"]
        for pool in platform.manifest["pools"]
    )
    assert quotas(platform)["CPUS_ALL_REGIONS", None][1] == of_pools + beyond


def test_gpus_are_counted_once_for_their_type_and_once_for_all(platform):
    drawn = quotas(platform)
    of_types = [
        maximum for (metric, region), (_, maximum) in drawn.items() if region is not None and metric.endswith("_GPUS")
    ]
    assert drawn["GPUS_ALL_REGIONS", None][1] == sum(of_types)


def test_spot_draws_on_a_quota_of_its_own(platforms):
    drawn = quotas(platforms["everything"])
    assert drawn["PREEMPTIBLE_NVIDIA_L4_GPUS", "us-central1"] == (0, 5 * 2)
    assert drawn["NVIDIA_L4_GPUS", "us-central1"] == (0, 8)


def test_an_existing_network_takes_no_address_of_ours(platforms):
    assert ("IN_USE_ADDRESSES", "us-west1") not in quotas(platforms["existing-network"])


@pytest.mark.parametrize("key", ["project", "environment", "region"])
def test_it_says_where_the_platform_is(platform, key):
    [provider] = platform.stacks["infra"]["provider"]["google"]
    where = {**provider, "environment": provider["default_labels"]["metaflow-environment"]}
    assert platform.manifest[key] == where[key]


def test_pools_are_those_that_terraform_makes(platform):
    made = {each.attributes["name"]: each.attributes for each in platform.of_type("google_container_node_pool")}
    assert len(made) == len(platform.manifest["pools"])
    for pool in platform.manifest["pools"]:
        [attributes] = [
            each for name, each in made.items() if name == pool["name"] or name.endswith(f"-{pool['name']}")
        ]
        config = attributes["node_config"]
        assert config["machine_type"] == pool["machine_type"]
        assert config.get("spot", False) == pool["spot"]
        assert attributes["node_locations"] == pool["zones"]
        scaling = attributes["autoscaling"]
        assert (scaling["total_min_node_count"], scaling["total_max_node_count"]) == (
            pool["min_nodes"],
            pool["max_nodes"],
        )
        [accelerator] = config.get("guest_accelerator") or [None]
        assert (accelerator is None) == (pool["gpu"] is None)
        if accelerator:
            assert (accelerator["type"], accelerator["count"]) == (pool["gpu"]["type"], pool["gpu"]["count"])
            assert config.get("flex_start", False) == pool["gpu"]["flex_start"]


def test_a_gpu_pool_names_the_metric_that_it_draws_on(platforms):
    for platform in platforms.values():
        for pool in platform.manifest["pools"]:
            if pool["gpu"] and pool["gpu"]["quota_metric"]:
                drawn = quotas(platform)[pool["gpu"]["quota_metric"], platform.manifest["region"]]
                assert drawn[1] >= pool["gpu"]["count"] * pool["max_nodes"]
