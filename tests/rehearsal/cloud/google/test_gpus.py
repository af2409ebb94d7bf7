"""The table of GPUs here and the catalogue of the library were written apart: where both know a GPU they agree."""

import re

from metaflow_gcp.google.gke import gpu_catalogue
from rehearsal.cloud.google.gpus import GPUS, per_node


def test_machines_with_gpus_built_in():
    for name, machine in gpu_catalogue.machine_types().items():
        pattern, _ = GPUS[machine.gpu.name]
        assert re.match(pattern, name), name
        assert per_node(machine.gpu.name, name) == (machine.gpu_count,), name


def test_gpus_for_n1():
    for name, gpu in gpu_catalogue.gpus().items():
        if gpu.n1_max_vcpus_by_gpu_count:
            assert per_node(name, "n1-standard-8") == tuple(gpu.n1_max_vcpus_by_gpu_count), name


def test_quota_metrics():
    assert {name: metric or None for name, (_, metric) in GPUS.items()} == {
        name: gpu.regional_quota_metric for name, gpu in gpu_catalogue.gpus().items()
    }
