import pytest

from metaflow_gcp.google.gke import gpu_catalogue, machine_families, machine_types
from rehearsal.cloud import machine_families as families_of_the_rehearsal


@pytest.mark.parametrize(
    ("name", "vcpus", "memory_gb"),
    [
        ("e2-micro", 2, 1),
        ("e2-small", 2, 2),
        ("e2-medium", 2, 4),
        ("e2-standard-4", 4, 16),
        ("e2-highmem-16", 16, 128),
        ("e2-highcpu-32", 32, 32),
        ("n1-standard-1", 1, 3.75),
        ("n1-highmem-96", 96, 624),
        ("n1-highcpu-16", 16, 14.4),
        ("n2-standard-8", 8, 32),
        ("n2-highmem-128", 128, 864),
        ("n2d-highcpu-224", 224, 224),
        ("n4-highcpu-80", 80, 160),
        ("c3-standard-4-lssd", 4, 16),
        ("n2-custom-6-20480", 6, 20),
        ("c2d-standard-56", 56, 224),
        ("c4-standard-48", 48, 180),
        ("c4a-highmem-72-lssd", 72, 576),
        ("h4d-highmem-192-lssd", 192, 1488),
        ("m4-ultramem-112", 112, 2976),
        ("n1-ultramem-40", 40, 961),
        ("c3-highcpu-192-metal", 192, 512),
        ("z4d-8t-standard-16-standardlssd", 16, 62),
        # Of a family that is not known.
        ("z9-standard-4", 4, None),
        ("g5-standard-8", 8, None),
        ("custom-4-15360", 4, 15),
        ("a2-ultragpu-1g", 12, 170),
        ("g2-standard-96", 96, 384),
    ],
)
def test_what_a_name_says(name, vcpus, memory_gb):
    assert machine_types.vcpus(name) == vcpus
    assert machine_types.memory_gb(name) == memory_gb


@pytest.mark.parametrize(
    "name", ["", "e2-huge-4", "n2-standard-0", "n2-standard", "a4x-highgpu-4g", "ct6e-standard-4t"]
)
def test_unknown_is_none(name):
    assert machine_types.vcpus(name) is None
    assert machine_types.memory_gb(name) is None


def test_every_gpu_machine_type_is_known():
    for machine in gpu_catalogue.machine_types().values():
        assert machine_types.vcpus(machine.name) == machine.vcpus
        assert machine_types.memory_gb(machine.name) == machine.memory_gb
        assert machine_types.default_disk_type(machine.name) == machine.disk_type


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        ("e2-standard-4", "CPUS"),
        ("n1-standard-8", "CPUS"),
        ("custom-4-15360", "CPUS"),
        ("g2-standard-12", "CPUS"),
        ("n2-standard-8", "N2_CPUS"),
        ("n2d-standard-8", "N2D_CPUS"),
        ("c3-highmem-4", "C3_CPUS"),
        ("a2-highgpu-1g", "A2_CPUS"),
        ("n4-standard-4", None),
        ("a3-highgpu-8g", None),
    ],
)
def test_the_quota_that_vcpus_count_in(name, metric):
    assert machine_types.cpu_quota_metric(name) == metric


@pytest.mark.parametrize(
    ("name", "disk_type"),
    [
        ("e2-standard-4", "pd-balanced"),
        ("c3-standard-4", "pd-balanced"),
        ("n4-standard-4", "hyperdisk-balanced"),
        ("h4d-standard-192", "hyperdisk-balanced"),
        ("m4-megamem-28", "hyperdisk-balanced"),
        ("h3-standard-88", "pd-balanced"),
        ("z9-standard-4", "hyperdisk-balanced"),
        ("${machine_type}", "pd-balanced"),
    ],
)
def test_the_boot_disk_follows_the_machine_type(name, disk_type):
    assert machine_types.default_disk_type(name) == disk_type


@pytest.mark.parametrize(
    ("name", "takes", "refuses"),
    [
        ("e2-standard-4", "pd-standard", "hyperdisk-balanced"),
        ("n1-standard-8", "pd-ssd", "hyperdisk-balanced"),
        ("g2-standard-12", "pd-balanced", "hyperdisk-balanced"),
        ("custom-4-15360", "pd-standard", "hyperdisk-balanced"),
        ("n4-standard-4", "hyperdisk-balanced", "pd-balanced"),
        ("h4d-standard-192", "hyperdisk-balanced", "pd-balanced"),
        ("m4-megamem-28", "hyperdisk-balanced", "pd-ssd"),
        ("c3-standard-4", "hyperdisk-balanced", "pd-standard"),
        ("a3-highgpu-8g", "pd-ssd", "pd-standard"),
        ("a3-ultragpu-8g", "hyperdisk-balanced", "pd-ssd"),
    ],
)
def test_the_boot_disks_that_a_machine_type_takes(name, takes, refuses):
    disks = machine_types.boot_disks(name)
    assert takes in disks
    assert refuses not in disks
    assert machine_types.default_disk_type(name) in disks


def test_of_a_newer_family_nothing_is_refused():
    assert machine_types.boot_disks("z9-standard-4") is None
    assert not machine_types.is_arm("z9-standard-4")


def test_the_rehearsal_reads_the_same_table():
    names = [*gpu_catalogue.machine_types(), "custom-4-15360", "z9-standard-4"]
    names += [f"{family}-standard-4" for family in machine_families._families() if family != "a3"]
    for name in names:
        assert families_of_the_rehearsal.boot_disks(name) == machine_types.boot_disks(name), name
        assert families_of_the_rehearsal.is_arm(name) == machine_types.is_arm(name), name
    assert {name for name in names if machine_types.is_arm(name)} >= {"t2a-standard-4", "c4a-standard-4"}
