"""Every row of the catalogue, every combination that is refused, and what is allowed instead."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import metaflow_gcp
from metaflow_gcp.checks import Checks
from metaflow_gcp.google.gke import gpu_catalogue, gpu_machines
from metaflow_gcp.google.gke.gpu_rules import GpuNodePoolChoices, GpuSharing, Reservation, SecondaryBootDisk

ZONES = ("us-central1-a", "us-central1-b")
TOKEN = "${TfToken[TOKEN.1]}"
NUMBER_TOKEN = -1.8881545897087626e289


def problems(**properties):
    checks = Checks()
    where = {"zones": properties.pop("zones", ZONES), "region": properties.pop("region", None)}
    GpuNodePoolChoices(**{"machine_type": "g2-standard-12", "max_nodes": 5} | properties).check(checks, **where)
    return checks.problems


def only_problem(**properties):
    found = problems(**properties)
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]


def test_the_catalogue_needs_neither_cdktf_nor_node():
    program = (
        "import sys; from metaflow_gcp.checks import Checks;"
        "from metaflow_gcp.google.gke.gpu_rules import GpuNodePoolChoices;"
        "pool = GpuNodePoolChoices(machine_type='g2-standard-4', max_nodes=1);"
        "pool.check(Checks(), zones=('us-central1-a',), region=None);"
        "from metaflow_gcp.google.gke import machine_types, gpu_catalogue;"
        "assert not {'cdktf', 'jsii', 'constructs'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# The table of the platform's facts, written out once more: a slip in the catalogue cannot hide.
TABLE = [
    # machine type, GPUs, which, quota metric, vCPUs, memory in GB
    ("g2-standard-4", 1, "nvidia-l4", "NVIDIA_L4_GPUS", 4, 16),
    ("g2-standard-8", 1, "nvidia-l4", "NVIDIA_L4_GPUS", 8, 32),
    ("g2-standard-12", 1, "nvidia-l4", "NVIDIA_L4_GPUS", 12, 48),
    ("g2-standard-16", 1, "nvidia-l4", "NVIDIA_L4_GPUS", 16, 64),
    ("g2-standard-24", 2, "nvidia-l4", "NVIDIA_L4_GPUS", 24, 96),
    ("g2-standard-32", 1, "nvidia-l4", "NVIDIA_L4_GPUS", 32, 128),
    ("g2-standard-48", 4, "nvidia-l4", "NVIDIA_L4_GPUS", 48, 192),
    ("g2-standard-96", 8, "nvidia-l4", "NVIDIA_L4_GPUS", 96, 384),
    ("a2-highgpu-1g", 1, "nvidia-tesla-a100", "NVIDIA_A100_GPUS", 12, 85),
    ("a2-highgpu-2g", 2, "nvidia-tesla-a100", "NVIDIA_A100_GPUS", 24, 170),
    ("a2-highgpu-4g", 4, "nvidia-tesla-a100", "NVIDIA_A100_GPUS", 48, 340),
    ("a2-highgpu-8g", 8, "nvidia-tesla-a100", "NVIDIA_A100_GPUS", 96, 680),
    ("a2-megagpu-16g", 16, "nvidia-tesla-a100", "NVIDIA_A100_GPUS", 96, 1360),
    ("a2-ultragpu-1g", 1, "nvidia-a100-80gb", "NVIDIA_A100_80GB_GPUS", 12, 170),
    ("a2-ultragpu-2g", 2, "nvidia-a100-80gb", "NVIDIA_A100_80GB_GPUS", 24, 340),
    ("a2-ultragpu-4g", 4, "nvidia-a100-80gb", "NVIDIA_A100_80GB_GPUS", 48, 680),
    ("a2-ultragpu-8g", 8, "nvidia-a100-80gb", "NVIDIA_A100_80GB_GPUS", 96, 1360),
    ("a3-highgpu-1g", 1, "nvidia-h100-80gb", "NVIDIA_H100_GPUS", 26, 234),
    ("a3-highgpu-2g", 2, "nvidia-h100-80gb", "NVIDIA_H100_GPUS", 52, 468),
    ("a3-highgpu-4g", 4, "nvidia-h100-80gb", "NVIDIA_H100_GPUS", 104, 936),
    ("a3-highgpu-8g", 8, "nvidia-h100-80gb", "NVIDIA_H100_GPUS", 208, 1872),
    ("a3-megagpu-8g", 8, "nvidia-h100-mega-80gb", "NVIDIA_H100_MEGA_GPUS", 208, 1872),
    ("a3-ultragpu-8g", 8, "nvidia-h200-141gb", "NVIDIA_H200_GPUS", 224, 2952),
    ("a4-highgpu-8g", 8, "nvidia-b200", "NVIDIA_B200_GPUS", 224, 3968),
    ("g4-standard-48", 1, "nvidia-rtx-pro-6000", None, 48, 180),
    ("g4-standard-96", 2, "nvidia-rtx-pro-6000", None, 96, 360),
    ("g4-standard-192", 4, "nvidia-rtx-pro-6000", None, 192, 720),
    ("g4-standard-384", 8, "nvidia-rtx-pro-6000", None, 384, 1440),
]
ATTACHABLE = [
    # GPUs, which, quota metric, vCPUs at most
    (1, "nvidia-tesla-t4", "NVIDIA_T4_GPUS", 48),
    (2, "nvidia-tesla-t4", "NVIDIA_T4_GPUS", 48),
    (4, "nvidia-tesla-t4", "NVIDIA_T4_GPUS", 96),
    (1, "nvidia-tesla-v100", "NVIDIA_V100_GPUS", 12),
    (2, "nvidia-tesla-v100", "NVIDIA_V100_GPUS", 24),
    (4, "nvidia-tesla-v100", "NVIDIA_V100_GPUS", 48),
    (8, "nvidia-tesla-v100", "NVIDIA_V100_GPUS", 96),
    (1, "nvidia-tesla-p4", "NVIDIA_P4_GPUS", 24),
    (2, "nvidia-tesla-p4", "NVIDIA_P4_GPUS", 48),
    (4, "nvidia-tesla-p4", "NVIDIA_P4_GPUS", 96),
    (1, "nvidia-tesla-p100", "NVIDIA_P100_GPUS", 16),
    (2, "nvidia-tesla-p100", "NVIDIA_P100_GPUS", 32),
    (4, "nvidia-tesla-p100", "NVIDIA_P100_GPUS", 96),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_a_machine_type_says_its_gpus(row):
    name, count, gpu_type, metric, vcpus, memory_gb = row
    machine = gpu_catalogue.machine_type(name)
    assert (machine.gpu.name, machine.gpu_count) == (gpu_type, count)
    assert (machine.vcpus, machine.memory_gb) == (vcpus, memory_gb)
    assert machine.gpu.quota_metric() == metric
    preemptible = metric and f"PREEMPTIBLE_{metric}"
    assert machine.gpu.quota_metric(spot=True) == preemptible
    assert machine.gpu.quota_metric(flex_start=True) == preemptible
    assert problems(machine_type=name, spot=True) == []


def test_the_catalogue_holds_the_table_and_no_more():
    assert set(gpu_catalogue.machine_types()) == {row[0] for row in TABLE}
    assert set(gpu_catalogue.gpus()) == {row[2] for row in TABLE} | {row[1] for row in ATTACHABLE}


@pytest.mark.parametrize(("count", "gpu_type", "metric", "most_vcpus"), ATTACHABLE)
def test_a_gpu_is_attached_to_an_n1(count, gpu_type, metric, most_vcpus):
    assert problems(machine_type=f"n1-custom-{most_vcpus}-65536", gpu_type=gpu_type, gpu_count=count) == []
    refused = only_problem(machine_type=f"n1-custom-{most_vcpus + 2}-65536", gpu_type=gpu_type, gpu_count=count)
    assert (refused.where, f"{most_vcpus} with {count}" in refused.allowed) == ("machine_type", True)
    found = gpu_machines.accelerators("n1-standard-8", gpu_type, count)
    assert (found.gpu.name, found.count) == (gpu_type, count)
    assert found.gpu.quota_metric() == metric
    assert found.gpu.quota_metric(spot=True) == f"PREEMPTIBLE_{metric}"


def test_one_gpu_is_attached_unless_a_count_is_given():
    assert gpu_machines.accelerators("n1-standard-8", "nvidia-tesla-t4", None).count == 1


def test_every_fact_has_a_source():
    catalogue = json.loads((Path(metaflow_gcp.__file__).parent / "google/gke/gpu_catalogue.json").read_text("utf-8"))
    assert catalogue["version"] == 1
    assert all(source["url"].startswith("https://") and source["facts"] for source in catalogue["sources"])


# The three ways to ask for one and the same pool, and pools with everything that goes together.
@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"gpu_type": "nvidia-l4", "gpu_count": 1},
        {"region": "us-central1"},
        {"zones": ("us-central1-ai1a",), "region": "us-central1"},
        {"flex_start": True, "max_run_duration_seconds": 3600},
        {"flex_start": True, "reservation": Reservation(consume_reservation_type="NO_RESERVATION")},
        {"machine_type": "a3-highgpu-1g", "flex_start": True},
        {"machine_type": "a3-highgpu-1g", "spot": True},
        {"reservation": Reservation(names=("ours", "projects/theirs/reservations/shared"))},
        {"reservation": Reservation(consume_reservation_type="ANY_RESERVATION")},
        {"sharing": GpuSharing(strategy="TIME_SHARING", max_clients=48)},
        {"sharing": GpuSharing(strategy="MPS", max_clients=2)},
        {
            "machine_type": "a2-highgpu-1g",
            "partition_size": "1g.5gb",
            "sharing": GpuSharing(strategy="MPS", max_clients=4),
        },
        {"machine_type": "a3-highgpu-8g", "compact_placement": True},
        {"machine_type": "a4-highgpu-8g", "partition_size": "7g.180gb", "disk_type": "hyperdisk-balanced"},
        {"secondary_boot_disks": [SecondaryBootDisk(disk_image="projects/ours/global/images/torch")]},
        {"driver_version": "LATEST", "disk_type": "pd-ssd", "min_nodes": 5},
    ],
)
def test_what_fits_together_passes(properties):
    assert problems(**properties) == []


@pytest.mark.parametrize(
    ("properties", "where", "said"),
    [
        # The machine type and its GPUs
        (
            {"machine_type": "e2-standard-8", "gpu_type": "nvidia-l4"},
            "machine_type",
            "g2-standard-16, g2-standard-32 (1 GPU); g2-standard-24 (2 GPUs)",
        ),
        (
            {"machine_type": "n1-standard-8", "gpu_type": "nvidia-l4"},
            "gpu_type",
            "g2-standard-16, g2-standard-32 (1 GPU); g2-standard-24 (2 GPUs)",
        ),
        ({"machine_type": "n1-standard-8", "gpu_type": "nvidia-tesla-k80"}, "gpu_type", "nvidia-tesla-t4 (1, 2, 4)"),
        ({"machine_type": "n1-standard-8"}, "gpu_type", "nvidia-tesla-v100 (1, 2, 4, 8)"),
        ({"machine_type": "e2-standard-8", "gpu_type": "nvidia-tesla-t4"}, "machine_type", "n1 machine types"),
        ({"machine_type": "e2-standard-8"}, "machine_type", "a2-highgpu-1g"),
        ({"machine_type": "g2-standard-13"}, "machine_type", "or g2-standard-12?"),
        ({"machine_type": "a3-megapu-8g", "spot": True}, "machine_type", "did you mean a3-megagpu-8g"),
        ({"gpu_type": "nvidia-tesla-t4"}, "gpu_type", "nvidia-l4, or nothing"),
        ({"gpu_type": "nvidia-tesla-a100"}, "gpu_type", "a2-highgpu-1g (1 GPU)"),
        ({"gpu_count": 3}, "gpu_count", "g2-standard-24 (2 GPUs); g2-standard-48 (4 GPUs); g2-standard-96 (8 GPUs)"),
        (
            {"machine_type": "n1-standard-8", "gpu_type": "nvidia-tesla-v100", "gpu_count": 3},
            "gpu_count",
            "1, 2, 4, 8",
        ),
        ({"machine_type": "n1-standard-8", "gpu_type": "nvidia-tesla-t4", "gpu_count": 0}, "gpu_count", "1, 2, 4"),
        ({"machine_type": "n1-standard-16", "gpu_type": "nvidia-tesla-v100"}, "machine_type", "12 with 1, 24 with 2"),
        ({"machine_type": TOKEN}, "gpu_type", "gpu_type and gpu_count"),
        ({"machine_type": TOKEN, "gpu_type": "nvidia-l5", "gpu_count": 1}, "gpu_type", "nvidia-l4"),
        ({"driver_version": "535"}, "driver_version", "DEFAULT, LATEST"),
        # How it is bought
        ({"machine_type": "a3-highgpu-1g"}, "machine_type", "with spot or flex_start; on demand: a3-highgpu-8g"),
        ({"machine_type": "a3-highgpu-2g"}, "machine_type", "with spot or flex_start"),
        ({"machine_type": "a3-highgpu-4g"}, "machine_type", "with spot or flex_start"),
        ({"spot": True, "flex_start": True}, "flex_start", "one of them"),
        ({"flex_start": True, "min_nodes": 1}, "min_nodes", "0"),
        ({"flex_start": True, "reservation": Reservation(names=("ours",))}, "reservation", "none"),
        ({"spot": True, "reservation": Reservation(names=("ours",))}, "reservation", "none"),
        (
            {"flex_start": True, "reservation": Reservation(consume_reservation_type="ANY_RESERVATION")},
            "reservation",
            "remove reservation, or flex_start",
        ),
        ({"flex_start": True, "max_run_duration_seconds": 604801}, "max_run_duration_seconds", "600 to 604800"),
        ({"flex_start": True, "max_run_duration_seconds": 599}, "max_run_duration_seconds", "600 to 604800"),
        ({"max_run_duration_seconds": 3600}, "max_run_duration_seconds", "only together with flex_start"),
        ({"reservation": Reservation()}, "reservation.names", "the name of a reservation"),
        (
            {"reservation": Reservation(consume_reservation_type="ANY_RESERVATION", names=("ours",))},
            "reservation.names",
            "SPECIFIC_RESERVATION only",
        ),
        (
            {"reservation": Reservation(consume_reservation_type="ANY")},
            "reservation.consume_reservation_type",
            "ANY_RESERVATION, NO_RESERVATION, SPECIFIC_RESERVATION",
        ),
        # How it is divided and placed
        ({"sharing": GpuSharing(strategy="MIG", max_clients=2)}, "sharing.strategy", "MPS, TIME_SHARING"),
        ({"sharing": GpuSharing(strategy="MPS", max_clients=49)}, "sharing.max_clients", "2 to 48"),
        ({"sharing": GpuSharing(strategy="TIME_SHARING", max_clients=1)}, "sharing.max_clients", "2 to 48"),
        ({"partition_size": "1g.5gb"}, "partition_size", "nvidia-tesla-a100"),
        (
            {"partition_size": "1g.5gb", "sharing": GpuSharing(strategy="MPS", max_clients=2)},
            "partition_size",
            "sharing works on every GPU",
        ),
        (
            {"machine_type": "a2-ultragpu-1g", "partition_size": "1g.5gb"},
            "partition_size",
            "1g.10gb, 2g.20gb, 3g.40gb, 7g.80gb",
        ),
        ({"machine_type": "a3-ultragpu-8g", "partition_size": "1g.20gb"}, "partition_size", "1g.18gb, 1g.35gb"),
        ({"machine_type": "g4-standard-48", "compact_placement": True}, "compact_placement", "nvidia-l4"),
        (
            {"machine_type": "n1-standard-8", "gpu_type": "nvidia-tesla-t4", "compact_placement": True},
            "compact_placement",
            "nvidia-h100-80gb",
        ),
        # Where, how many, on what disk
        ({"zones": ()}, "zones", "one zone or more"),
        ({"zones": ("us-central1-a", "us-central1-a")}, "zones", "each zone once"),
        ({"zones": ("us-central1-a", "us-west1-a")}, "zones", "zones of us-central1"),
        ({"zones": ("us-west1-a",), "region": "us-central1"}, "zones", "zones of us-central1"),
        ({"zones": ("us-central1",)}, "zones", "zones such as us-central1-a"),
        ({"min_nodes": 6}, "min_nodes", "0 to 5"),
        ({"min_nodes": -1}, "min_nodes", "0 or more"),
        ({"max_nodes": 0}, "max_nodes", "1 or more"),
        ({"max_nodes": 2001}, "max_nodes", "1 to 2000"),
        ({"disk_size_gb": 9}, "disk_size_gb", "10 to 65536"),
        ({"disk_type": "ssd"}, "disk_type", "pd-balanced"),
        ({"machine_type": "g4-standard-48", "disk_type": "pd-balanced"}, "disk_type", "hyperdisk-balanced"),
        ({"machine_type": "g2-standard-12", "disk_type": "hyperdisk-balanced"}, "disk_type", "pd-balanced, pd-ssd"),
        ({"machine_type": "a3-ultragpu-8g", "disk_type": "pd-ssd"}, "disk_type", "hyperdisk-balanced"),
        ({"machine_type": "a4-highgpu-8g", "disk_type": "pd-balanced"}, "disk_type", "hyperdisk-balanced"),
        (
            {"secondary_boot_disks": [SecondaryBootDisk(disk_image="torch")]},
            "secondary_boot_disks[0].disk_image",
            "projects/PROJECT/global/images/IMAGE",
        ),
        ({"labels": {"nvidia.com/gpu": "x"}}, "labels.nvidia.com/gpu", "outside"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_does(properties, where, said):
    found = only_problem(**properties)
    assert found.where == where
    assert said in f"{found.allowed}\n{found.fix}"


def test_a_count_of_zero_nodes_at_most_is_refused_with_a_larger_minimum_too():
    assert {problem.where for problem in problems(max_nodes=0, min_nodes=1)} == {"max_nodes", "min_nodes"}


def test_all_problems_come_at_once():
    found = problems(
        machine_type="n1-standard-96",
        gpu_type="nvidia-tesla-t4",
        zones=("us-central1-a", "us-west1-a"),
        min_nodes=9,
        driver_version="535",
        partition_size="1g.5gb",
        spot=True,
        flex_start=True,
        sharing=GpuSharing(strategy="MPS", max_clients=99),
    )
    assert sorted(problem.where for problem in found) == [
        "driver_version",
        "flex_start",
        "machine_type",
        "min_nodes",
        "min_nodes",
        "partition_size",
        "sharing.max_clients",
        "zones",
    ]


def test_tokens_pass():
    assert (
        problems(
            machine_type=TOKEN,
            gpu_type=TOKEN,
            gpu_count=NUMBER_TOKEN,
            zones=(TOKEN,),
            region=TOKEN,
            min_nodes=NUMBER_TOKEN,
            max_nodes=NUMBER_TOKEN,
            driver_version=TOKEN,
            disk_size_gb=NUMBER_TOKEN,
            disk_type=TOKEN,
            partition_size=TOKEN,
            spot=True,
            reservation=Reservation(consume_reservation_type=TOKEN, names=(TOKEN,)),
            sharing=GpuSharing(strategy=TOKEN, max_clients=NUMBER_TOKEN),
            secondary_boot_disks=[SecondaryBootDisk(disk_image=TOKEN)],
            labels={"team": TOKEN},
        )
        == []
    )
    assert problems(gpu_type=TOKEN, gpu_count=NUMBER_TOKEN) == []
    assert problems(machine_type="n1-standard-8", gpu_type=TOKEN) == []
    assert problems(machine_type="n1-standard-8", gpu_type="nvidia-tesla-t4", gpu_count=NUMBER_TOKEN) == []
