"""How large the cluster may grow, from the pools. Auto-provisioning's limits count every node, so they start here."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from stacks.settings import Settings


@dataclass(frozen=True, kw_only=True)
class PoolLimits:
    """What all declared pools have at their maximum."""

    cpus: int
    memory_gb: int
    gpus: Mapping[str, int]
    """Accelerator type -> GPUs."""


def pool_limits(settings: Settings) -> PoolLimits:
    pools = [pool.choices for pool in settings.pools]
    count: Counter[str] = Counter()
    for pool in settings.gpu_pools.values():
        if each := pool.accelerators:
            count[each.gpu.name] += each.count * pool.max_nodes
    return PoolLimits(
        # Settings are refused where neither is known while auto-provisioning is on.
        cpus=sum((pool.node_vcpus or 0) * pool.max_nodes for pool in pools),
        memory_gb=ceil(sum((pool.node_memory_gb or 0) * pool.max_nodes for pool in pools)),
        gpus=count,
    )
