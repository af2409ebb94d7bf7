import json
from dataclasses import dataclass

import pytest
from cdktf import App, LocalBackend, TerraformStack, Token
from cdktf_cdktf_provider_google.provider import GoogleProvider

from metaflow_gcp.checks import InvalidProperties
from metaflow_gcp.google.gke import gpu_catalogue
from metaflow_gcp.google.gke.gpu_node_pool import GpuNodePool, GpuNodePoolProps
from metaflow_gcp.google.gke.gpu_rules import GpuSharing, Reservation, SecondaryBootDisk
from metaflow_gcp.google.requirements import Quota


@dataclass(frozen=True)
class SomeCluster:
    name: str = "gke-metaflow-default"
    location: str = "us-central1"
    project: str = "some-project"


MINIMAL = {
    "cluster": SomeCluster(),
    "name": "l4",
    "machine_type": "g2-standard-12",
    "service_account": "gke-nodes@some-project.iam.gserviceaccount.com",
    "zones": ("us-central1-a", "us-central1-b"),
    "max_nodes": 5,
}
MAXIMAL = MINIMAL | {
    "name": "a100",
    "machine_type": "a2-ultragpu-2g",
    "min_nodes": 2,
    "gpu_type": "nvidia-a100-80gb",
    "gpu_count": 2,
    "driver_version": "LATEST",
    "reservation": Reservation(names=("ours",)),
    "sharing": GpuSharing(strategy="TIME_SHARING", max_clients=4),
    "partition_size": "3g.40gb",
    "compact_placement": True,
    "secondary_boot_disks": (SecondaryBootDisk(disk_image="projects/some-project/global/images/torch"),),
    "disk_size_gb": 500,
    "disk_type": "pd-ssd",
    "labels": {"team": "vision"},
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
        pool = GpuNodePool(stack, "gpus", GpuNodePoolProps(**properties))
        app.synth()
        resources = json.loads((tmp_path / "stacks/infra/cdk.tf.json").read_text("utf-8"))["resource"]
        [resource] = resources["google_container_node_pool"].values()
        path = resource.pop("//")["metadata"]["path"]
        assert path == "infra/gpus/pool"
        return pool, resource

    return synthesize


def test_minimal(synthesize):
    pool, resource = synthesize(MINIMAL)
    assert resource == {
        "project": "some-project",
        "cluster": "gke-metaflow-default",
        "location": "us-central1",
        "name": "l4",
        "node_locations": ["us-central1-a", "us-central1-b"],
        "initial_node_count": 0,
        "autoscaling": {"total_min_node_count": 0, "total_max_node_count": 5, "location_policy": "ANY"},
        "management": {"auto_repair": True, "auto_upgrade": True},
        "upgrade_settings": {"max_surge": 0, "max_unavailable": 1},
        "lifecycle": {"ignore_changes": ["initial_node_count"]},
        "node_config": {
            "machine_type": "g2-standard-12",
            "guest_accelerator": [
                {
                    "type": "nvidia-l4",
                    "count": 1,
                    "gpu_driver_installation_config": {"gpu_driver_version": "DEFAULT"},
                }
            ],
            "disk_type": "pd-balanced",
            "disk_size_gb": 200,
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
    assert (pool.machine_type, pool.max_nodes, pool.gpu_type, pool.gpu_count) == ("g2-standard-12", 5, "nvidia-l4", 1)
    assert pool.node_selector == {"cloud.google.com/gke-accelerator": "nvidia-l4"}
    assert set(pool.requirements.quotas) == {
        Quota(metric="NVIDIA_L4_GPUS", region="us-central1", at_start=0, at_maximum=5),
        Quota(metric="GPUS_ALL_REGIONS", region=None, at_start=0, at_maximum=5),
        Quota(metric="CPUS_ALL_REGIONS", region=None, at_start=0, at_maximum=60),
        Quota(metric="CPUS", region="us-central1", at_start=0, at_maximum=60),
        Quota(metric="SSD_TOTAL_GB", region="us-central1", at_start=0, at_maximum=1000),
    }


def test_maximal(synthesize):
    pool, resource = synthesize(MAXIMAL)
    assert resource["initial_node_count"] == 1
    assert resource["placement_policy"] == {"type": "COMPACT"}
    config = resource["node_config"]
    assert config["guest_accelerator"] == [
        {
            "type": "nvidia-a100-80gb",
            "count": 2,
            "gpu_driver_installation_config": {"gpu_driver_version": "LATEST"},
            "gpu_partition_size": "3g.40gb",
            "gpu_sharing_config": {"gpu_sharing_strategy": "TIME_SHARING", "max_shared_clients_per_gpu": 4},
        }
    ]
    assert config["reservation_affinity"] == {
        "consume_reservation_type": "SPECIFIC_RESERVATION",
        "key": "compute.googleapis.com/reservation-name",
        "values": ["ours"],
    }
    assert config["secondary_boot_disks"] == [
        {"disk_image": "projects/some-project/global/images/torch", "mode": "CONTAINER_IMAGE_CACHE"}
    ]
    assert (config["disk_type"], config["disk_size_gb"]) == ("pd-ssd", 500)
    assert config["labels"] == {"team": "vision"}
    assert config["resource_labels"] == {"cost-center": "42"}
    assert "taint" not in config
    assert pool.node_selector == {
        "cloud.google.com/gke-accelerator": "nvidia-a100-80gb",
        "cloud.google.com/gke-gpu-partition-size": "3g.40gb",
        "cloud.google.com/gke-gpu-sharing-strategy": "time-sharing",
        "cloud.google.com/gke-max-shared-clients-per-gpu": "4",
    }
    assert set(pool.requirements.quotas) == {
        Quota(metric="NVIDIA_A100_80GB_GPUS", region="us-central1", at_start=4, at_maximum=10),
        Quota(metric="GPUS_ALL_REGIONS", region=None, at_start=4, at_maximum=10),
        Quota(metric="CPUS_ALL_REGIONS", region=None, at_start=48, at_maximum=120),
        Quota(metric="A2_CPUS", region="us-central1", at_start=48, at_maximum=120),
        Quota(metric="SSD_TOTAL_GB", region="us-central1", at_start=1000, at_maximum=2500),
    }


def test_spot(synthesize):
    pool, resource = synthesize(MINIMAL | {"spot": True})
    assert resource["node_config"]["spot"] is True
    assert pool.gpu_quota_metric == "PREEMPTIBLE_NVIDIA_L4_GPUS"
    assert pool.node_selector["cloud.google.com/gke-spot"] == "true"


def test_flex_start(synthesize):
    pool, resource = synthesize(MINIMAL | {"flex_start": True, "max_run_duration_seconds": 3600})
    config = resource["node_config"]
    assert (config["flex_start"], config["max_run_duration"]) == (True, "3600s")
    assert config["reservation_affinity"] == {"consume_reservation_type": "NO_RESERVATION"}
    assert resource["management"]["auto_repair"] is False
    assert "upgrade_settings" not in resource
    assert pool.gpu_quota_metric == "PREEMPTIBLE_NVIDIA_L4_GPUS"
    assert pool.node_selector["cloud.google.com/gke-flex-start"] == "true"


def test_any_reservation_names_none(synthesize):
    _, resource = synthesize(MINIMAL | {"reservation": Reservation(consume_reservation_type="ANY_RESERVATION")})
    assert resource["node_config"]["reservation_affinity"] == {"consume_reservation_type": "ANY_RESERVATION"}


def test_gpus_on_an_n1(synthesize):
    pool, resource = synthesize(
        MINIMAL | {"machine_type": "n1-standard-8", "gpu_type": "nvidia-tesla-t4", "gpu_count": 2}
    )
    [accelerator] = resource["node_config"]["guest_accelerator"]
    assert (accelerator["type"], accelerator["count"]) == ("nvidia-tesla-t4", 2)
    assert Quota(metric="NVIDIA_T4_GPUS", region="us-central1", at_start=0, at_maximum=10) in pool.requirements.quotas


@pytest.mark.parametrize("name", gpu_catalogue.machine_types())
def test_every_machine_type_of_the_catalogue_makes_a_pool(name, synthesize):
    machine = gpu_catalogue.machine_type(name)
    pool, resource = synthesize(MINIMAL | {"machine_type": name, "spot": True})
    [accelerator] = resource["node_config"]["guest_accelerator"]
    assert (accelerator["type"], accelerator["count"]) == (machine.gpu.name, machine.gpu_count)
    assert accelerator["gpu_driver_installation_config"] == {"gpu_driver_version": "DEFAULT"}
    assert resource["node_config"]["disk_type"] == machine.disk_type
    gpu_quotas = {quota.metric: quota.at_maximum for quota in pool.requirements.quotas if "GPUS" in quota.metric}
    expected = {"GPUS_ALL_REGIONS": machine.gpu_count * 5}
    if machine.gpu.regional_quota_metric:
        expected[f"PREEMPTIBLE_{machine.gpu.regional_quota_metric}"] = machine.gpu_count * 5
    assert gpu_quotas == expected


def test_an_unknown_metric_is_none_and_asks_for_no_regional_quota(synthesize):
    pool, _ = synthesize(MINIMAL | {"machine_type": "g4-standard-48"})
    assert pool.gpu_quota_metric is None
    assert {quota.metric for quota in pool.requirements.quotas} == {
        "GPUS_ALL_REGIONS",
        "CPUS_ALL_REGIONS",
        "HDB_TOTAL_GB",
    }


# What fits together is tested with the catalogue; here, that the construct asks for it with everything it was given.
@pytest.mark.parametrize(
    ("properties", "where"),
    [
        ({"name": "L4"}, "name"),
        ({"service_account": "123-compute@developer.gserviceaccount.com"}, "service_account"),
        ({"machine_type": "n1-standard-8", "gpu_type": "nvidia-l4"}, "gpu_type"),
        ({"gpu_count": 3}, "gpu_count"),
        ({"zones": ()}, "zones"),
        ({"zones": ("us-west1-a",)}, "zones"),
        ({"max_nodes": 0}, "max_nodes"),
        ({"min_nodes": 6}, "min_nodes"),
        ({"driver_version": "535"}, "driver_version"),
        ({"spot": True, "flex_start": True}, "flex_start"),
        ({"max_run_duration_seconds": 3600}, "max_run_duration_seconds"),
        ({"reservation": Reservation()}, "reservation.names"),
        ({"sharing": GpuSharing(strategy="MPS", max_clients=49)}, "sharing.max_clients"),
        ({"partition_size": "1g.5gb"}, "partition_size"),
        ({"machine_type": "a4-highgpu-8g", "compact_placement": True}, "compact_placement"),
        ({"secondary_boot_disks": (SecondaryBootDisk(disk_image="torch"),)}, "secondary_boot_disks[0].disk_image"),
        ({"disk_size_gb": 5}, "disk_size_gb"),
        ({"machine_type": "a4-highgpu-8g", "disk_type": "pd-balanced"}, "disk_type"),
        ({"labels": {"nvidia.com/gpu": "x"}}, "labels.nvidia.com/gpu"),
        ({"resource_labels": {"Team": "x"}}, "resource_labels.Team"),
    ],
)
def test_what_is_wrong_is_refused(properties, where):
    with pytest.raises(InvalidProperties, match="GpuNodePool") as caught:
        GpuNodePoolProps(**MINIMAL | properties)
    assert [problem.where for problem in caught.value.problems] == [where]


def test_all_problems_come_at_once():
    with pytest.raises(InvalidProperties) as caught:
        GpuNodePoolProps(**MINIMAL | {"name": "L4", "zones": (), "gpu_count": 3, "driver_version": "535"})
    assert [problem.where for problem in caught.value.problems] == ["name", "zones", "driver_version", "gpu_count"]


def test_tokens_pass_and_what_they_hide_is_left_out_of_the_quotas(synthesize):
    text, number = Token.as_string({"var": "x"}), Token.as_number({"var": "n"})
    pool, resource = synthesize(
        {
            "cluster": SomeCluster(name=text, location=text, project=text),
            "name": text,
            "machine_type": text,
            "gpu_type": text,
            "gpu_count": number,
            "service_account": text,
            "zones": (text,),
            "max_nodes": number,
            "disk_size_gb": number,
            "driver_version": text,
        }
    )
    assert len(resource["node_config"]["guest_accelerator"]) == 1
    assert pool.gpu_quota_metric is None
    assert pool.requirements.quotas == ()
