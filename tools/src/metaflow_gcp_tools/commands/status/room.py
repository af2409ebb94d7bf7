"""What the largest of the pools' nodes has to give, for a task that asks for more."""

from collections.abc import Iterable, Mapping
from typing import Any

from metaflow_gcp_tools.commands.status import allocatable
from metaflow_gcp_tools.commands.status.pools import Cluster, Pool
from metaflow_gcp_tools.platform import machine_types


def most(resources: Iterable[str], pod: Any, cluster: Cluster | None) -> str:
    """For people, such as ` (7.9 CPUs on e2-standard-8 at most)`; empty when it is not known of every pool."""
    wanted: Mapping[str, str] = pod.spec.node_selector or {}
    fitting = [pool for pool in cluster.pools if not cluster.lacking(pool, wanted)] if cluster else []
    said = [found for resource in resources if (found := _most(resource, fitting))]
    return f" ({', '.join(said)} at most)" if said else ""


def _most(resource: str, pools: Iterable[Pool]) -> str | None:
    amounts = [(_of(resource, pool), pool.machine_type) for pool in pools]
    known = [(amount, machine) for amount, machine in amounts if amount is not None]
    if not known or len(known) < len(amounts):
        return None
    amount, machine = max(known)
    unit = {"cpu": "CPUs", "memory": "GiB of memory", "ephemeral-storage": "GiB of disk"}.get(resource, resource)
    return f"{amount:.1f}".removesuffix(".0") + f" {unit} on {machine}"


def _of(resource: str, pool: Pool) -> float | None:
    size = machine_types.size(pool.machine_type)
    match resource:
        case "cpu":
            shared = machine_types.is_shared_core_e2(pool.machine_type)
            return allocatable.cpus(size[0], shared_core_e2=shared) if size else None
        case "memory":
            return allocatable.memory_gib(size[1]) if size else None
        case "ephemeral-storage":
            return allocatable.disk_gib(pool.disk_size_gb) if pool.disk_size_gb else None
        case "nvidia.com/gpu":
            return None if pool.gpus_divided else pool.gpus_per_node
    return None
