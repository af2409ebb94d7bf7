"""Auto-provisioning's limits count every node: they start at what the pools may grow to."""

import json
import os

import pytest

from metaflow_gcp.google.gke import gpu_machines
from stacks.settings import load_settings
from stacks.settings.limits import pool_limits
from stacks.settings.loading import sources


@pytest.fixture
def limits(settings_file, monkeypatch):
    for variable in [name for name in os.environ if name.startswith(sources.PREFIX)]:
        monkeypatch.delenv(variable)

    def limits(name, **environment):
        monkeypatch.setenv("METAFLOW_GCP_SETTINGS", str(settings_file(name)))
        for variable, value in environment.items():
            monkeypatch.setenv(variable, value)
        return pool_limits(load_settings())

    return limits


def test_the_default_pools(limits):
    found = limits("minimal")
    # 3 e2-standard-2, 10 e2-standard-8, 5 g2-standard-12 with an L4 each.
    assert (found.cpus, found.memory_gb) == (3 * 2 + 10 * 8 + 5 * 12, 3 * 8 + 10 * 32 + 5 * 48)
    assert found.gpus == {"nvidia-l4": 5}


def test_gpus_of_one_type_are_summed_over_pools(limits):
    assert limits("everything").gpus == {
        "nvidia-l4": 8 * 1 + 5 * 2,
        "nvidia-tesla-t4": 2 * 2,
        "nvidia-tesla-a100": 5 * 1,
        "nvidia-a100-80gb": 5 * 8,
        "nvidia-h100-80gb": 4 * 8,
        "nvidia-gb200": 2 * 4,
    }


def test_no_pools_but_the_system_s(limits):
    found = limits("minimal", METAFLOW_GCP_TASK_POOLS="{}", METAFLOW_GCP_GPU_POOLS="{}")
    assert (found.cpus, found.memory_gb, found.gpus) == (6, 24, {})


@pytest.mark.parametrize(
    ("pool", "cpus", "memory_gb"),
    [
        ({"machine_type": "c2d-standard-56", "max_nodes": 10}, 560, 2240),
        ({"machine_type": "c4-standard-48", "max_nodes": 20}, 960, 3600),
        ({"machine_type": "h4d-standard-192", "max_nodes": 1}, 192, 720),
        ({"machine_type": "n1-ultramem-40", "max_nodes": 1}, 40, 961),
        # Newer than this release: the vCPUs from its name, or given.
        ({"machine_type": "z9-standard-16", "memory_gb": 64, "max_nodes": 2}, 32, 128),
        ({"machine_type": "z9-16-64t", "vcpus": 16, "memory_gb": 64, "max_nodes": 2}, 32, 128),
    ],
    ids=lambda value: value.get("machine_type") if isinstance(value, dict) else None,
)
def test_every_family_counts(limits, pool, cpus, memory_gb):
    pools = json.dumps({"tried": pool})
    found = limits("minimal", METAFLOW_GCP_TASK_POOLS=pools, METAFLOW_GCP_GPU_POOLS="{}")
    assert (found.cpus - 6, found.memory_gb - 24) == (cpus, memory_gb)


def test_memory_is_rounded_up(limits):
    pools = '{"tiny": {"machine_type": "e2-highcpu-2", "max_nodes": 1}, "odd": {"machine_type": "n1-standard-1"}}'
    found = limits("minimal", METAFLOW_GCP_TASK_POOLS=pools, METAFLOW_GCP_GPU_POOLS="{}")
    assert found.memory_gb == 24 + 2 + 38  # ten n1-standard-1 have 37.5 GB


def test_the_default_gpu_pool_is_what_the_catalogue_says(limits):
    found = gpu_machines.accelerators("g2-standard-12", None, None)
    assert limits("minimal").gpus == {found.gpu.name: 5 * found.count}
