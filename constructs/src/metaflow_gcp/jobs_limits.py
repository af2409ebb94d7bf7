"""How much tasks may take of the cluster, together and each."""

from collections.abc import Mapping
from dataclasses import dataclass

from cdktf_cdktf_provider_kubernetes import limit_range_v1 as limit_range
from cdktf_cdktf_provider_kubernetes import resource_quota_v1 as quota
from constructs import Construct

from metaflow_gcp import jobs_limits_checks, names
from metaflow_gcp.checks import Checks


@dataclass(frozen=True, kw_only=True)
class JobsLimitsProps:
    namespace: str
    """Where tasks run."""
    total_cpus: int | None = None
    """CPUs that all tasks together may request. Default: no limit but the pools'."""
    total_memory_gb: int | None = None
    """GiB that all tasks together may request. Default: no limit."""
    total_gpus: int | None = None
    """GPUs that all tasks together may request. Default: no limit."""
    total_pods: int | None = None
    """Pods at once. Default: no limit."""
    task_cpus: int | None = None
    """CPUs that one container may ask for. Default: no limit but the largest node's."""
    task_memory_gb: int | None = None
    """GiB that one container may ask for. Default: no limit."""

    def __post_init__(self) -> None:
        checks = Checks()
        names.check(checks, "namespace", self.namespace, names.KUBERNETES)
        jobs_limits_checks.check(
            checks,
            total_cpus=self.total_cpus,
            total_memory_gb=self.total_memory_gb,
            total_gpus=self.total_gpus,
            total_pods=self.total_pods,
            task_cpus=self.task_cpus,
            task_memory_gb=self.task_memory_gb,
        )
        checks.raise_if_any("JobsLimits")


class JobsLimits(Construct):
    """A ResourceQuota and a LimitRange, each only when it limits something."""

    def __init__(self, scope: Construct, id_: str, props: JobsLimitsProps) -> None:
        super().__init__(scope, id_)
        hard = _given(
            {
                "requests.cpu": props.total_cpus,
                "requests.memory": _gibibytes(props.total_memory_gb),
                "requests.nvidia.com/gpu": props.total_gpus,
                "pods": props.total_pods,
            }
        )
        if hard:
            quota.ResourceQuotaV1(
                self,
                "quota",
                metadata=quota.ResourceQuotaV1Metadata(namespace=props.namespace, name="tasks"),
                spec=quota.ResourceQuotaV1Spec(hard=hard),
            )
        largest = _given({"cpu": props.task_cpus, "memory": _gibibytes(props.task_memory_gb)})
        # With a quota, a container that requests nothing is refused.
        if largest or {"requests.cpu", "requests.memory"} & hard.keys():
            limit_range.LimitRangeV1(
                self,
                "limits",
                metadata=limit_range.LimitRangeV1Metadata(namespace=props.namespace, name="tasks"),
                spec=limit_range.LimitRangeV1Spec(
                    limit=[
                        limit_range.LimitRangeV1SpecLimit(
                            type="Container",
                            max=largest or None,
                            # Without these Kubernetes takes the maximum for what a container requests by default.
                            default_request={"cpu": "100m", "memory": "128Mi"},
                        )
                    ]
                ),
            )


def _gibibytes(amount: int | None) -> str | None:
    return None if amount is None else f"{amount}Gi"


def _given(limits: Mapping[str, int | str | None]) -> dict[str, str]:
    return {key: str(value) for key, value in limits.items() if value is not None}
