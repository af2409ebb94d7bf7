"""How much tasks may take of the cluster, together and each."""

from collections.abc import Mapping
from dataclasses import dataclass

from cdktf_cdktf_provider_kubernetes import limit_range_v1 as limit_range, resource_quota_v1 as quota
from constructs import Construct

from metaflow_gcp.checks import Checks
from metaflow_gcp.kubernetes.limits_choices import LimitsChoices
from metaflow_gcp.names import KubernetesName
from metaflow_gcp.properties import Properties


@dataclass(frozen=True, kw_only=True)
class JobsLimitsProps(LimitsChoices, Properties):
    namespace: KubernetesName
    """Where tasks run."""
    uncounted_priority_class: KubernetesName | None = None
    """The totals leave out pods of this class: `ArgoEvents.priority_class`. `JobsAdmission` keeps it from tasks.
    Default: every pod of the namespace counts."""

    def _check(self, checks: Checks) -> None:
        self.check(checks)


class JobsLimits(Construct):
    """A ResourceQuota and a LimitRange, each only when it limits something."""

    def __init__(self, scope: Construct, id_: str, props: JobsLimitsProps) -> None:
        super().__init__(scope, id_)
        hard = _given(
            {
                "requests.cpu": _cpus(props.total_cpus),
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
                spec=quota.ResourceQuotaV1Spec(hard=hard, scope_selector=_all_but(props.uncounted_priority_class)),
            )
        largest = _given({"cpu": _cpus(props.task_cpus), "memory": _gibibytes(props.task_memory_gb)})
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
                            # Under a maximum each container needs a limit, and Metaflow gives requests only. A smaller
                            # one would refuse every task that requests more. It is also what the API server fills in
                            # by itself: left out here, it would be a change in every plan.
                            default=largest or None,
                            # Without these Kubernetes takes the maximum for what a container requests by default.
                            default_request={"cpu": "100m", "memory": "128Mi"},
                        )
                    ]
                ),
            )


def _all_but(priority_class: str | None) -> quota.ResourceQuotaV1SpecScopeSelector | None:
    """Also pods without any class. Unlike `scopes`, the API server lets it change later."""
    if priority_class is None:
        return None
    return quota.ResourceQuotaV1SpecScopeSelector(
        match_expression=[
            quota.ResourceQuotaV1SpecScopeSelectorMatchExpression(
                scope_name="PriorityClass", operator="NotIn", values=[priority_class]
            )
        ]
    )


def _cpus(amount: int | None) -> str | None:
    return _written(amount, 1000, ("", "k", "M"))


def _gibibytes(amount: int | None) -> str | None:
    return _written(amount, 1024, ("Gi", "Ti", "Pi"))


def _written(amount: int | None, base: int, suffixes: tuple[str, ...]) -> str | None:
    """As Kubernetes writes it back: 1024Gi is 1Ti. In a LimitRange Terraform compares amounts as texts."""
    if not amount:
        return None if amount is None else f"0{suffixes[0]}"
    place = 0
    while amount % base == 0 and place + 1 < len(suffixes):
        amount, place = amount // base, place + 1
    return f"{amount}{suffixes[place]}"


def _given(limits: Mapping[str, int | str | None]) -> dict[str, str]:
    return {key: str(value) for key, value in limits.items() if value is not None}
