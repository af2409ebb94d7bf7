import json
from dataclasses import dataclass
from typing import Any

import pytest
from cdktf import App, LocalBackend, TerraformStack, Token
from cdktf_cdktf_provider_google.provider import GoogleProvider

from metaflow_gcp.checks import InvalidProperties
from metaflow_gcp.google.gke import pool_rules
from metaflow_gcp.google.gke.node_pool import NodePool, NodePoolProps
from metaflow_gcp.google.requirements import Quota
from metaflow_gcp.kubernetes.placement import Taint


@dataclass(frozen=True)
class SomeCluster:
    name: str = "gke-metaflow-default"
    location: str = "us-central1"
    project: str = "some-project"


MINIMAL: dict[str, Any] = {
    "cluster": SomeCluster(),
    "name": "tasks",
    "machine_type": "e2-standard-4",
    "service_account": "gke-nodes@some-project.iam.gserviceaccount.com",
    "zones": ("us-central1-a", "us-central1-b"),
    "max_nodes": 10,
}
MAXIMAL = MINIMAL | {
    "machine_type": "n2-highmem-8",
    "min_nodes": 3,
    "spot": True,
    "disk_size_gb": 150,
    "disk_type": "pd-ssd",
    "labels": {"team": "vision"},
    "taints": (Taint(key="dedicated", value="vision", effect="NO_SCHEDULE"),),
    "resource_labels": {"cost-center": "42"},
}


@pytest.fixture
def synthesize(tmp_path):
    """Make one pool, and give it with the resource that it becomes."""

    def synthesize(properties):
        app = App(outdir=str(tmp_path))
        stack = TerraformStack(app, "infra")
        LocalBackend(stack, path="terraform.tfstate")
        GoogleProvider(stack, "google")
        pool = NodePool(stack, "tasks", NodePoolProps(**properties))
        app.synth()
        resources = json.loads((tmp_path / "stacks/infra/cdk.tf.json").read_text("utf-8"))["resource"]
        [resource] = resources["google_container_node_pool"].values()
        path = resource.pop("//")["metadata"]["path"]
        assert path == "infra/tasks/pool"
        return pool, resource

    return synthesize


def test_minimal(synthesize):
    pool, resource = synthesize(MINIMAL)
    assert resource == {
        "project": "some-project",
        "cluster": "gke-metaflow-default",
        "location": "us-central1",
        "name": "tasks",
        "node_locations": ["us-central1-a", "us-central1-b"],
        "initial_node_count": 0,
        "autoscaling": {"total_min_node_count": 0, "total_max_node_count": 10, "location_policy": "BALANCED"},
        "management": {"auto_repair": True, "auto_upgrade": True},
        "upgrade_settings": {"max_surge": 1, "max_unavailable": 0},
        "lifecycle": {"ignore_changes": ["initial_node_count"]},
        "node_config": {
            "machine_type": "e2-standard-4",
            "disk_type": "pd-balanced",
            "disk_size_gb": 100,
            "image_type": "COS_CONTAINERD",
            "service_account": "gke-nodes@some-project.iam.gserviceaccount.com",
            "oauth_scopes": ["https://www.googleapis.com/auth/cloud-platform"],
            "shielded_instance_config": {"enable_secure_boot": True, "enable_integrity_monitoring": True},
            "workload_metadata_config": {"mode": "GKE_METADATA"},
            "metadata": {"disable-legacy-endpoints": "true"},
            "kubelet_config": {"insecure_kubelet_readonly_port_enabled": "FALSE", "cpu_cfs_quota": True},
            "gcfs_config": {"enabled": True},
            "gvnic": {"enabled": True},
        },
    }
    assert pool.machine_type == "e2-standard-4"
    assert pool.max_nodes == 10
    assert pool.node_selector == {}
    assert pool.requirements.apis == {
        "compute.googleapis.com",
        "container.googleapis.com",
        "containerfilesystem.googleapis.com",
    }
    assert set(pool.requirements.quotas) == {
        Quota(metric="CPUS_ALL_REGIONS", region=None, at_start=0, at_maximum=40),
        Quota(metric="CPUS", region="us-central1", at_start=0, at_maximum=40),
        Quota(metric="SSD_TOTAL_GB", region="us-central1", at_start=0, at_maximum=1000),
    }


def test_maximal(synthesize):
    pool, resource = synthesize(MAXIMAL)
    assert resource["initial_node_count"] == 2  # in each of two zones: 3 nodes at least
    assert resource["autoscaling"] == {
        "total_min_node_count": 3,
        "total_max_node_count": 10,
        "location_policy": "ANY",
    }
    config = resource["node_config"]
    assert config["spot"] is True
    assert (config["disk_type"], config["disk_size_gb"]) == ("pd-ssd", 150)
    assert config["labels"] == {"team": "vision"}
    assert config["taint"] == [{"key": "dedicated", "value": "vision", "effect": "NO_SCHEDULE"}]
    assert config["resource_labels"] == {"cost-center": "42"}
    assert pool.node_selector == {"team": "vision", "cloud.google.com/gke-spot": "true"}
    assert set(pool.requirements.quotas) == {
        Quota(metric="CPUS_ALL_REGIONS", region=None, at_start=32, at_maximum=80),
        Quota(metric="N2_CPUS", region="us-central1", at_start=32, at_maximum=80),
        Quota(metric="SSD_TOTAL_GB", region="us-central1", at_start=600, at_maximum=1500),
    }


def test_the_name_is_a_reference_so_that_what_uses_it_waits_for_the_pool(synthesize):
    pool, _ = synthesize(MINIMAL)
    assert Token.is_unresolved(pool.name)


@pytest.mark.parametrize(
    ("min_nodes", "max_nodes", "zones", "per_zone", "at_start"),
    [
        (0, 5, 3, 0, 0),
        (1, 5, 1, 1, 1),
        (1, 5, 3, 1, 3),
        (1, 2, 3, 0, 1),  # a node in each zone would be more than the maximum
        (4, 5, 2, 2, 4),
        (5, 5, 2, 2, 5),
    ],
)
def test_a_pool_starts_with_its_minimum(min_nodes, max_nodes, zones, per_zone, at_start):
    names = [f"us-central1-{letter}" for letter in "abc"[:zones]]
    assert pool_rules.initial_nodes_per_zone(min_nodes, max_nodes, names) == per_zone
    assert pool_rules.nodes_at_start(min_nodes, max_nodes, names) == at_start


@pytest.mark.parametrize(
    ("properties", "where", "said"),
    [
        ({"name": "Tasks"}, "name", "up to 40 of a-z"),
        ({"machine_type": "g2-standard-4"}, "machine_type", "make it a GPU pool"),
        ({"machine_type": "big"}, "machine_type", "such as e2-standard-4"),
        ({"machine_type": "n4-standard-4", "disk_type": "pd-balanced"}, "disk_type", "hyperdisk-balanced"),
        ({"machine_type": "e2-standard-4", "disk_type": "hyperdisk-balanced"}, "disk_type", "pd-standard"),
        (
            {"service_account": "123456-compute@developer.gserviceaccount.com"},
            "service_account",
            "not the default account",
        ),
        ({"service_account": "default"}, "service_account", "NAME@PROJECT.iam.gserviceaccount.com"),
        ({"zones": ()}, "zones", "one zone or more"),
        ({"zones": ("us-west1-a",)}, "zones", "zones of us-central1"),
        ({"zones": ("us-west1-a",), "cluster": SomeCluster(location="us-central1-a")}, "zones", "us-central1"),
        ({"max_nodes": 0}, "max_nodes", "1 or more"),
        ({"max_nodes": 2001}, "max_nodes", "1 to 2000"),
        ({"min_nodes": 11}, "min_nodes", "0 to 10"),
        ({"disk_size_gb": 5}, "disk_size_gb", "10 to 65536"),
        ({"labels": {"kubernetes.io/os": "x"}}, "labels.kubernetes.io/os", "choose a domain of your own"),
        ({"resource_labels": {"Team": "x"}}, "resource_labels.Team", "a letter first"),
        ({"taints": (Taint(key="a", value="b", effect="NoSchedule"),)}, "taints[0].effect", "NO_SCHEDULE"),
    ],
)
def test_what_is_wrong_is_refused(properties, where, said):
    with pytest.raises(InvalidProperties) as caught:
        NodePoolProps(**MINIMAL | properties)
    [problem] = caught.value.problems
    assert problem.where == where
    assert said in f"{problem.allowed}\n{problem.fix}"


def test_all_problems_come_at_once():
    with pytest.raises(InvalidProperties, match="NodePool Tasks: 4 problem") as caught:
        NodePoolProps(**MINIMAL | {"name": "Tasks", "zones": (), "max_nodes": 0, "disk_size_gb": 1})
    assert [problem.where for problem in caught.value.problems] == ["name", "zones", "max_nodes", "disk_size_gb"]


def test_tokens_pass_and_what_they_hide_is_left_out_of_the_quotas(synthesize):
    text, number = Token.as_string({"var": "x"}), Token.as_number({"var": "n"})
    pool, resource = synthesize(
        {
            "cluster": SomeCluster(name=text, location=text, project=text),
            "name": text,
            "machine_type": text,
            "service_account": text,
            "zones": (text,),
            "min_nodes": number,
            "max_nodes": number,
            "disk_size_gb": number,
            "disk_type": text,
            "labels": {"team": text},
        }
    )
    assert resource["initial_node_count"] == 0
    assert pool.requirements.quotas == ()


def test_a_machine_type_that_says_no_vcpus_is_taken_without_them(synthesize):
    pool, _ = synthesize(MINIMAL | {"machine_type": "z9-4-16t"})
    assert {quota.metric for quota in pool.requirements.quotas} == {"HDB_TOTAL_GB"}


def test_vcpus_that_are_given_count(synthesize):
    pool, _ = synthesize(MINIMAL | {"machine_type": "z9-4-16t", "vcpus": 4})
    [quota] = [quota for quota in pool.requirements.quotas if quota.metric == "CPUS_ALL_REGIONS"]
    assert quota.at_maximum == 4 * MINIMAL["max_nodes"]
