"""What a limit on tasks must leave room for. Needs no Node."""

from metaflow_gcp.checks import Checks

TASK_CPUS = 1
TASK_MEMORY_GB = 4
"""What a task asks for unless its flow says otherwise (`METAFLOW_KUBERNETES_CPU`, `_MEMORY`)."""

EVENTS_CPUS = 1
EVENTS_MEMORY_GB = 1
EVENTS_PODS = 2
"""What the event bus and the webhook take of a total, rounded up: they live among the tasks."""


def check(
    checks: Checks,
    *,
    total_cpus: int | None,
    total_memory_gb: int | None,
    total_gpus: int | None,
    total_pods: int | None,
    task_cpus: int | None,
    task_memory_gb: int | None,
) -> None:
    """A limit below what one task asks for by itself lets no task run."""
    for where, value, least in (
        ("total_cpus", total_cpus, TASK_CPUS + EVENTS_CPUS),
        ("total_memory_gb", total_memory_gb, TASK_MEMORY_GB + EVENTS_MEMORY_GB),
        ("total_gpus", total_gpus, 0),
        ("total_pods", total_pods, 1 + EVENTS_PODS),
        ("task_cpus", task_cpus, TASK_CPUS),
        ("task_memory_gb", task_memory_gb, TASK_MEMORY_GB),
    ):
        if value is not None and value < least:
            checks.add(
                where,
                wrong=f"{value} is below what one task asks for"
                + (" beside the event bus" if "total" in where else ""),
                allowed=f"{least} or more",
                fix=f"raise {where}, or leave it out for no limit",
            )
