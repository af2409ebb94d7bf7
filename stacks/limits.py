"""How large the cluster may grow, from the pools. Auto-provisioning's limits count every node, so they start here."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from metaflow_gcp.google.gke import gpu_machines, machine_types
from stacks.settings import Settings


@dataclass(frozen=True, kw_only=True)
class PoolLimits:
    """What all declared pools have at their maximum."""

    cpus: int
    memory_gb: int
    gpus: Mapping[str, int]
    """Accelerator type -> GPUs."""


def pool_limits(settings: Settings) -> PoolLimits:
    pools = (settings.cluster.system_pool, *settings.task_pools.values(), *settings.gpu_pools.values())
    count: Counter[str] = Counter()
    for pool in settings.gpu_pools.values():
        each = gpu_machines.accelerators(pool.machine_type, pool.gpu_type, pool.gpu_count)
        if each is not None:
            count[each.gpu.name] += each.count * pool.max_nodes
    return PoolLimits(
        # Settings are refused where neither is known while auto-provisioning is on.
        cpus=sum((machine_types.vcpus(pool.machine_type) or pool.vcpus or 0) * pool.max_nodes for pool in pools),
        memory_gb=ceil(
            sum((machine_types.memory_gb(pool.machine_type) or pool.memory_gb or 0) * pool.max_nodes for pool in pools)
        ),
        gpus=count,
    )
