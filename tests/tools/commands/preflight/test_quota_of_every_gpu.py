"""For every GPU that a pool can have, preflight asks for the right metric, and for as many as the pool can grow to."""

from dataclasses import dataclass

import pytest
from cdktf import App, TerraformStack

from metaflow_gcp.google.gke import gpu_catalogue
from metaflow_gcp.google.gke.gpu_node_pool import GpuNodePool, GpuNodePoolProps
from metaflow_gcp_tools.commands.preflight.compute import Compute, Level, Region
from metaflow_gcp_tools.commands.preflight.quotas import Quotas
from metaflow_gcp_tools.platform.manifest import Manifest, Pool, PoolGpus, Quota

ROWS = [
    # GPU, metric on demand, GPUs of each machine type
    ("nvidia-l4", "NVIDIA_L4_GPUS", {f"g2-standard-{vcpus}": 1 for vcpus in (4, 8, 12, 16, 32)}),
    ("nvidia-l4", "NVIDIA_L4_GPUS", {"g2-standard-24": 2, "g2-standard-48": 4, "g2-standard-96": 8}),
    ("nvidia-tesla-a100", "NVIDIA_A100_GPUS", {f"a2-highgpu-{count}g": count for count in (1, 2, 4, 8)}),
    ("nvidia-tesla-a100", "NVIDIA_A100_GPUS", {"a2-megagpu-16g": 16}),
    ("nvidia-a100-80gb", "NVIDIA_A100_80GB_GPUS", {f"a2-ultragpu-{count}g": count for count in (1, 2, 4, 8)}),
    ("nvidia-h100-80gb", "NVIDIA_H100_GPUS", {f"a3-highgpu-{count}g": count for count in (1, 2, 4, 8)}),
    ("nvidia-h100-mega-80gb", "NVIDIA_H100_MEGA_GPUS", {"a3-megagpu-8g": 8}),
    ("nvidia-h200-141gb", "NVIDIA_H200_GPUS", {"a3-ultragpu-8g": 8}),
    ("nvidia-b200", "NVIDIA_B200_GPUS", {"a4-highgpu-8g": 8}),
    ("nvidia-rtx-pro-6000", None, {f"g4-standard-{48 * count}": count for count in (1, 2, 4, 8)}),
]
ATTACHED = [
    # GPU, metric on demand, GPUs that an N1 can have
    ("nvidia-tesla-t4", "NVIDIA_T4_GPUS", (1, 2, 4)),
    ("nvidia-tesla-v100", "NVIDIA_V100_GPUS", (1, 2, 4, 8)),
    ("nvidia-tesla-p4", "NVIDIA_P4_GPUS", (1, 2, 4)),
    ("nvidia-tesla-p100", "NVIDIA_P100_GPUS", (1, 2, 4)),
]
NOT_ON_DEMAND = {"a3-highgpu-1g", "a3-highgpu-2g", "a3-highgpu-4g"}

REGION = "us-central1"
MAX_NODES = 3


@dataclass(frozen=True)
class Row:
    gpu: str
    metric: str | None
    """On demand."""
    machine_type: str
    count: int


MACHINES = [
    Row(gpu, metric, machine, count) for gpu, metric, machines in ROWS for machine, count in machines.items()
] + [Row(gpu, metric, "n1-standard-8", count) for gpu, metric, counts in ATTACHED for count in counts]
CASES = [
    pytest.param(row, way, id=f"{row.machine_type}-{row.count}-{row.gpu}-{way}")
    for row in MACHINES
    for way in ("on_demand", "spot", "flex_start")
    if way != "on_demand" or row.machine_type not in NOT_ON_DEMAND
]


def min_nodes(way):
    """Flex-start pools start empty."""
    return 0 if way == "flex_start" else 1


@dataclass(frozen=True)
class SomeCluster:
    name: str = "gke-metaflow-default"
    location: str = REGION
    project: str = "some-project"


def test_the_table_has_every_row_of_the_catalogue():
    assert {(row.machine_type, row.gpu, row.count) for row in MACHINES} == {
        *((each.name, each.gpu.name, each.gpu_count) for each in gpu_catalogue.machine_types().values()),
        *(
            ("n1-standard-8", gpu.name, count)
            for gpu in gpu_catalogue.gpus().values()
            for count in gpu.n1_max_vcpus_by_gpu_count
        ),
    }


@pytest.fixture
def manifest():
    """Of a pool of the construct library's, as the stacks write it."""

    def manifest(row, way):
        pool = GpuNodePool(
            TerraformStack(App(), "infra"),
            "pool",
            GpuNodePoolProps(
                cluster=SomeCluster(),
                name="pool",
                machine_type=row.machine_type,
                gpu_type=row.gpu,
                gpu_count=row.count,
                service_account="gke-nodes@some-project.iam.gserviceaccount.com",
                zones=(f"{REGION}-a",),
                min_nodes=min_nodes(way),
                max_nodes=MAX_NODES,
                spot=way == "spot",
                flex_start=way == "flex_start",
            ),
        )
        gpus = PoolGpus(
            type=row.gpu, count=row.count, quota_metric=pool.gpu_quota_metric, flex_start=way == "flex_start"
        )
        return Manifest(
            project="some-project",
            environment="default",
            region=REGION,
            zones=(f"{REGION}-a",),
            machine_types=(row.machine_type,),
            apis=(),
            quotas=tuple(Quota(**vars(quota)) for quota in pool.requirements.quotas if "GPU" in quota.metric),
            images=(),
            charts=(),
            names={},
            pools=(
                Pool(
                    name="pool",
                    machine_type=row.machine_type,
                    zones=(f"{REGION}-a",),
                    min_nodes=min_nodes(way),
                    max_nodes=MAX_NODES,
                    spot=way == "spot",
                    gpu=gpus,
                ),
            ),
        )

    return manifest


def states(manifest, metric, limit):
    """With this limit on the metric and on all GPUs, nothing in use; every other metric is at zero."""
    others = {f"{prefix}{each}": Level(0, 0) for _, each, _ in (*ROWS, *ATTACHED) for prefix in ("", "PREEMPTIBLE_")}
    listed = others | ({metric: Level(limit, 0)} if metric else {})
    compute = Compute(
        regions=lambda: {REGION: Region(frozenset({f"{REGION}-a"}), listed)},
        of_all_regions=lambda: {"GPUS_ALL_REGIONS": Level(limit, 0)},
        machine_types=dict,
        gpu_types=dict,
    )
    quotas = Quotas(manifest, compute, elsewhere=lambda metric, region: None)
    return {check.name: (check.state, check.need, check.limit) for check in quotas.check()}


@pytest.mark.parametrize(("row", "way"), CASES)
def test_what_is_asked_for(manifest, row, way):
    metric = row.metric and (row.metric if way == "on_demand" else f"PREEMPTIBLE_{row.metric}")
    regional = f"{metric} in {REGION}" if metric else f"{row.gpu} for the pool pool"
    need = {"at_start": row.count * min_nodes(way), "at_maximum": row.count * MAX_NODES}
    found = manifest(row, way)
    for limit, state in ((row.count * MAX_NODES, "PASS"), (row.count * MAX_NODES - 1, "WARN")):
        assert states(found, metric, limit) == {
            "GPUS_ALL_REGIONS in all regions": (state, need, limit),
            regional: (state, need, limit) if metric else ("UNKNOWN", need, None),
        }
