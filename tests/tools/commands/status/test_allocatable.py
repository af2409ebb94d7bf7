"""What GKE keeps of a node, against the node that Google's page shows and against nodes that people measured."""

import re
from pathlib import Path

import pytest

from metaflow_gcp_tools.commands.status import allocatable

GIB = 2**30


@pytest.mark.parametrize(
    ("vcpus", "left"),
    [
        # https://cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes shows `cpu: 3920m` of 4.
        (4, 3.920),
        # Nodes of a2-highgpu-2g and n1-standard-32 with one thread a core.
        (6, 5.915),
        (16, 15.890),
        (1, 0.940),
    ],
)
def test_cpus(vcpus, left):
    assert allocatable.cpus(vcpus) == pytest.approx(left)


def test_shared_core_machines_keep_more():
    assert allocatable.cpus(2, shared_core_e2=True) == pytest.approx(0.940)


def test_the_boot_disk_of_google_s_example():
    """It shows `ephemeral-storage: "47060071478"` of `98831908Ki`: 100 GiB, and the file system takes the rest."""
    file_system = 98831908 * 1024
    kept = 0.9 * 100 - allocatable.disk_gib(100)
    assert 0.9 * file_system - kept * GIB == pytest.approx(47060071478, abs=1024)


@pytest.mark.parametrize(("disk", "left"), [(10, 4), (40, 16), (100, 49), (200, 104), (300, 170), (2000, 1700)])
def test_boot_disks(disk, left):
    """Half of a small disk, 6 GiB and 35% of a middle one, 100 GiB of a large one; and a tenth of each."""
    assert allocatable.disk_gib(disk) == pytest.approx(left)


@pytest.mark.parametrize(
    ("gib", "kept_mib"),
    [
        (0.5, 255),
        (2, 512),
        (4, 1024),
        (8, 1024 + 819.2),
        (16, 1024 + 819.2 + 819.2),
        (128, 1024 + 819.2 + 819.2 + 6881.28),
        (228, 1024 + 819.2 + 819.2 + 6881.28 + 2048),
    ],
)
def test_memory(gib, kept_mib):
    assert (gib - allocatable.memory_gib(gib)) * 1024 == pytest.approx(kept_mib + 100)


def test_the_memory_of_a_measured_node():
    """An n2-standard-4 of GKE 1.36 says that it has 16380004Ki, and 13591652Ki for pods."""
    assert allocatable.memory_gib(16380004 / 2**20) * 2**20 == pytest.approx(13591652, rel=1e-4)


def test_what_the_page_and_the_settings_say_is_what_is_computed():
    root = Path(__file__).parents[4]
    page = (root / "docs/commands/status.md").read_text("utf-8")
    rows = re.findall(r"^\| ([\w-]+): (\d+) CPUs, (\d+) GiB, (\d+) GiB \| (.*) \| (.*) \| (.*) \|$", page, re.MULTILINE)
    assert "e2-standard-8" in {row[0] for row in rows}
    for _, vcpus, memory, disk, *said in rows:
        left = (allocatable.cpus(int(vcpus)), allocatable.memory_gib(int(memory)), allocatable.disk_gib(int(disk)))
        assert said == [f"{left[0]:.2f}", f"{left[1]:.1f}", f"{left[2]:.1f}"]
    example = (root / "config/example.toml").read_text("utf-8").replace("\n#", "")
    [kept] = re.findall(r"GKE keeps (\d+) of (\d+) GB, and (\d+) of (\d+)\.", example)
    for gib, disk in (kept[:2], kept[2:]):
        assert int(gib) == int(disk) - allocatable.disk_gib(int(disk))
    assert "an e2-standard-8 with a disk of 100 GB, tasks have 7.91 CPUs, 28.3 GiB of memory and 49 GiB" in example
