"""GPUs of node pools. The table here and the library's catalogue were written apart; they agree on what both know."""

import re

import pytest

from metaflow_gcp.google.gke import gpu_catalogue
from rehearsal.cloud.google.gpus import GPUS, per_node
from rehearsal.protocol.errors import Refused
from tests.rehearsal.cloud.google.shapes import POOL, gpu


def test_machines_with_gpus_built_in():
    for name, machine in gpu_catalogue.machine_types().items():
        pattern, _ = GPUS[machine.gpu.name]
        assert re.match(pattern, name), name
        assert per_node(machine.gpu.name, name) == (machine.gpu_count,), name


def test_gpus_for_n1():
    for name, each in gpu_catalogue.gpus().items():
        if each.n1_max_vcpus_by_gpu_count:
            assert per_node(name, "n1-standard-8") == tuple(each.n1_max_vcpus_by_gpu_count), name


def test_quota_metrics():
    assert {name: metric or None for name, (_, metric) in GPUS.items()} == {
        name: gpu.regional_quota_metric for name, gpu in gpu_catalogue.gpus().items()
    }


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            gpu(machine="n1-standard-4"),
            'Accelerator type "nvidia-l4" is not supported with machine type "n1-standard-4"',
        ),
        (gpu(count=2), "g2-standard-12 takes 1 of nvidia-l4, not 2"),
        (gpu("nvidia-tesla-t4", 3, "n1-standard-4"), "takes 1 or 2 or 4 of nvidia-tesla-t4, not 3"),
        (gpu("nvidia-l5"), 'Accelerator type "nvidia-l5" does not exist'),
    ],
)
def test_an_accelerator_that_does_not_fit(google, cluster, config, message):
    with pytest.raises(Refused, match=message):
        google.create("google_container_node_pool", **POOL, node_config=config)


@pytest.mark.parametrize(
    "config",
    [
        gpu(count=2, machine="g2-standard-24"),
        gpu("nvidia-tesla-a100", 16, "a2-megagpu-16g"),
        gpu("nvidia-rtx-pro-6000", 2, "g4-standard-96"),
    ],
)
def test_an_accelerator_that_fits(google, cluster, config):
    assert google.create("google_container_node_pool", **POOL, node_config=config)["node_config"][0]["machine_type"]


def test_a_gpu_of_a_newer_machine_is_noted(google, cluster, cloud):
    google.create("google_container_node_pool", **POOL, node_config=gpu("nvidia-x100", 4, "a9-highgpu-4g"))
    assert "whether there is a nvidia-x100 for a9-highgpu-4g is not known here" in cloud.notes()[-1]


def test_a_regional_pool_with_gpus_names_its_zones(google, cluster):
    with pytest.raises(Refused, match="does not exist in every zone of us-west1: node_locations"):
        google.create("google_container_node_pool", **(POOL | {"node_locations": None}), node_config=gpu())


@pytest.mark.parametrize(
    ("region", "metric", "config"),
    [
        ("us-west1", "NVIDIA_L4_GPUS", gpu()),
        ("us-west1", "PREEMPTIBLE_NVIDIA_L4_GPUS", gpu(spot=True)),
        ("global", "GPUS_ALL_REGIONS", gpu()),
    ],
)
def test_a_quota(google, cloud, cluster, region, metric, config):
    cloud.set_quota("acme", region, metric, 2)
    google.create("google_container_node_pool", **POOL, initial_node_count=2, node_config=config)
    with pytest.raises(Refused, match=f"Insufficient quota.*\"{metric}\".*short '1.0'"):
        google.create(
            "google_container_node_pool", **(POOL | {"name": "more"}), initial_node_count=1, node_config=config
        )
    google.create("google_container_node_pool", **(POOL | {"name": "idle"}), initial_node_count=0, node_config=config)
