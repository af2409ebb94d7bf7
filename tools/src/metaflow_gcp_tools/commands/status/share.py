"""Which part of a node a task has: the largest of its parts of CPUs, memory and GPUs."""

from typing import Any

from metaflow_gcp_tools.commands.status.pools import Pool
from metaflow_gcp_tools.platform import machine_types

_GPU = "nvidia.com/gpu"
_GIB = 1024**3


def of(pod: Any, pool: Pool) -> float | None:
    """By what its containers ask for; `None` for a machine that is not known."""
    from kubernetes.utils.quantity import parse_quantity

    size = machine_types.size(pool.machine_type)
    if size is None:
        return None

    def asked(resource: str) -> float:
        wanted = [(each.resources and each.resources.requests) or {} for each in pod.spec.containers]
        return sum(float(parse_quantity(each[resource])) for each in wanted if resource in each)

    parts = [asked("cpu") / size[0], asked("memory") / _GIB / size[1]]
    if pool.gpus_per_node and not pool.gpus_divided:
        parts.append(asked(_GPU) / pool.gpus_per_node)
    return min(1.0, max(parts)) or None
