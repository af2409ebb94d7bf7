"""What Compute Engine does not list is looked for in Cloud Quotas."""

import json

import pytest

from metaflow_gcp_tools.commands.preflight import cloud_quotas
from tests.tools.commands.preflight.cloud import synthesized

FAMILY = "GPUS-PER-GPU-FAMILY-per-project-region"


@pytest.fixture
def out(tmp_path):
    """Settings with one pool of H100 on demand, up to 16."""
    folder = synthesized(tmp_path / "out", "minimal")
    manifest = json.loads((folder / "platform.json").read_text())
    for quota in manifest["quotas"]:
        if quota["metric"] == "NVIDIA_L4_GPUS":
            quota |= {"metric": "NVIDIA_H100_GPUS", "at_maximum": 16}
    manifest["pools"][-1] |= {"name": "h100", "machine_type": "a3-highgpu-8g", "max_nodes": 2}
    manifest["pools"][-1]["gpu"] |= {"type": "nvidia-h100-80gb", "count": 8, "quota_metric": "NVIDIA_H100_GPUS"}
    (folder / "platform.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def h100(checks):
    return lambda *arguments: checks(*arguments)["quotas: NVIDIA_H100_GPUS in us-west1"]


@pytest.mark.parametrize(
    ("rows", "state", "limit"),
    [
        ([({"gpu_family": "NVIDIA_H100", "region": "us-west1"}, "16")], "PASS", 16),
        (
            [({"gpu_family": "NVIDIA_H100", "region": "us-west1"}, "8"), ({"gpu_family": "NVIDIA_H100"}, "99")],
            "WARN",
            8,
        ),
        ([({"gpu_family": "NVIDIA_H200"}, "99"), ({"gpu_family": "NVIDIA_H100"}, None)], "WARN", 0),
        ([({"gpu_family": "NVIDIA_H100", "region": "us-east4"}, "99")], "UNKNOWN", None),
        ([({"gpu_family": "NVIDIA_H100"}, "-1")], "PASS", None),
    ],
    ids=["the region's", "the more specific first", "left out is zero", "another region's only", "unlimited"],
)
def test_gpus_that_are_counted_by_family(cloud, h100, rows, state, limit):
    cloud.quota_info(FAMILY, *rows)
    check = h100()
    assert (check["state"], check["limit"], check["in_use"]) == (state, limit, None)


def test_its_own_quota_goes_before_that_of_the_family(cloud, h100):
    cloud.quota_info(FAMILY, ({"gpu_family": "NVIDIA_H100"}, "99"))
    cloud.quota_info("NVIDIA-H100-GPUS-per-project-region", ({}, "8"))
    assert h100()["limit"] == 8


def test_while_cloud_quotas_is_off(cloud, h100):
    cloud.apis_off = {"cloudquotas.googleapis.com"}
    check = h100()
    assert check["state"] == "UNKNOWN"
    assert (
        "Compute Engine does not list this metric, and the API cloudquotas.googleapis.com is not enabled"
        in check["says"]
    )
    assert "gcloud services enable cloudquotas.googleapis.com" in check["next_step"]


def test_nobody_lists_it(h100):
    check = h100()
    assert check["state"] == "UNKNOWN"
    assert "neither Compute Engine nor Cloud Quotas" in check["says"]


@pytest.mark.parametrize(
    ("metric", "region", "quota_ids"),
    [
        ("GPUS_ALL_REGIONS", None, ["GPUS-ALL-REGIONS-per-project"]),
        ("SSD_TOTAL_GB", "us-west1", ["SSD-TOTAL-GB-per-project-region"]),
        ("NVIDIA_L4_GPUS", "us-west1", ["NVIDIA-L4-GPUS-per-project-region", FAMILY]),
        ("PREEMPTIBLE_NVIDIA_H100_GPUS", "us-west1", ["PREEMPTIBLE-NVIDIA-H100-GPUS-per-project-region"]),
    ],
)
def test_what_cloud_quotas_calls_a_metric(metric, region, quota_ids):
    assert [name.quota_id for name in cloud_quotas.names(metric, region)] == quota_ids
