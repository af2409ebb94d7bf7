"""The command and the library know the same machines."""

import pytest

from metaflow_gcp.google.gke import gpu_catalogue, machine_families, machine_types as library
from metaflow_gcp_tools.platform import machine_types

NAMES = [
    *gpu_catalogue.machine_types(),
    *machine_families._document()["memory_gb"],
    *machine_families._document()["shared_core"],
    *("e2-standard-8", "n1-highcpu-96", "c2d-standard-56", "c3-standard-8-lssd", "c4-standard-48", "t2a-standard-4"),
    *("n2-custom-4-8192", "custom-6-20480", "e2-custom-2-4096-ext"),
    *("z9-standard-4", "ct6e-standard-4t", "nonsense", ""),
]


@pytest.mark.parametrize("name", NAMES)
def test_they_agree(name):
    memory = library.memory_gb(name)
    assert machine_types.size(name) == (None if memory is None else (library.vcpus(name), memory))
    family = machine_families.family_of(name)
    assert machine_types.architecture(name) == (None if family is None else "arm64" if family.arm else "amd64")
