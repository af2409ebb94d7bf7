"""How much a person lets tasks take. Needs no Node."""

from dataclasses import dataclass

from metaflow_gcp.checks import Checks

TASK_CPUS = 1
TASK_MEMORY_GB = 4
"""What a task asks for unless its flow says otherwise (`METAFLOW_KUBERNETES_CPU`, `_MEMORY`)."""

ARGO_CPUS = 1
ARGO_MEMORY_GB = 1
"""What Argo's own container beside a task takes of a total, rounded up."""

_LEAST = {
    "total_cpus": TASK_CPUS + ARGO_CPUS,
    "total_memory_gb": TASK_MEMORY_GB + ARGO_MEMORY_GB,
    "total_gpus": 0,
    "total_pods": 1,
    "task_cpus": TASK_CPUS,
    "task_memory_gb": TASK_MEMORY_GB,
}


@dataclass(frozen=True, kw_only=True)
class LimitsChoices:
    """How much tasks may take of the cluster, together and each."""

    total_cpus: int | None = None
    """CPUs that all tasks together may request: 2 or more. Default: no limit but the pools'."""
    total_memory_gb: int | None = None
    """GiB that all tasks together may request: 5 or more. Default: no limit."""
    total_gpus: int | None = None
    """GPUs that all tasks together may request. Default: no limit."""
    total_pods: int | None = None
    """Pods at once, 1 or more: tasks, and one for each flow with `@trigger`. Default: no limit."""
    task_cpus: int | None = None
    """CPUs that one task may ask for, and may use where it sets no limit: 1 or more. Default: no limit but the largest
    node's."""
    task_memory_gb: int | None = None
    """GiB that one task may ask for, and may use where it sets no limit: 4 or more. Default: no limit."""

    def check(self, checks: Checks) -> None:
        """A limit below what one task asks for by itself lets no task run."""
        for where, least in _LEAST.items():
            value = getattr(self, where)
            if value is not None and value < least:
                checks.add(
                    where,
                    wrong=f"{value} is below what one task asks for"
                    + (" with Argo's container beside it" if "total" in where else ""),
                    allowed=f"{least} or more",
                    fix=f"raise {where}, or leave it out for no limit",
                )
