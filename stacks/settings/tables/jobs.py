"""What tasks run in, and what runs workflows and events."""

from typing import Literal

from pydantic import Field

from metaflow_gcp import names
from metaflow_gcp.checks import Checks
from metaflow_gcp.google import secret_manager
from metaflow_gcp.kubernetes import limits_checks
from metaflow_gcp.metaflow.argo.workflows_values import MAX_KEPT_SECONDS
from stacks.settings.tables.section import Number, Section

_RESERVED_NAMESPACES = ("default", "metaflow", "argo", "gmp-system", "gmp-public")
_WEEK = 7 * 24 * 3600


class Jobs(Section):
    """The namespace that tasks, workflows and events live in."""

    namespace: str = "metaflow-jobs"
    """Its name: up to 63 of a-z, 0-9 and -. It cannot be changed without replacing what is in it."""
    total_cpus: Number | None = None
    """CPUs that all tasks together may request: 2 or more. Default: no limit but the pools'."""
    total_memory_gb: Number | None = None
    """GiB that all tasks together may request: 5 or more. Default: no limit."""
    total_gpus: Number | None = None
    """GPUs that all tasks together may request. Default: no limit."""
    total_pods: Number | None = None
    """Pods at once, the event bus and the webhook among them: 3 or more. Default: no limit."""
    task_cpus: Number | None = None
    """CPUs that one task may ask for: 1 or more. Default: no limit but the largest node's."""
    task_memory_gb: Number | None = None
    """GiB that one task may ask for: 4 or more. Default: no limit."""
    secrets: tuple[str, ...] = ()
    """Secrets in this project's Secret Manager that tasks may read (@secrets), by name. They must exist. Default: none.
    https://cloud.google.com/secret-manager/docs/creating-and-accessing-secrets"""
    users_read_secrets: bool = False
    """true lets access.users and access.admins read these secrets, too: @secrets on a step that runs on a person's own
    machine asks as the person."""

    def check(self, checks: Checks) -> None:
        names.check(checks, "namespace", self.namespace, names.KUBERNETES)
        if self.namespace in _RESERVED_NAMESPACES or self.namespace.startswith(("kube-", "gke-")):
            checks.add(
                "namespace",
                wrong=f"{self.namespace!r} has another use",
                allowed=f"none of {', '.join(_RESERVED_NAMESPACES)}, and none that starts with kube- or gke-",
                fix="choose another name, such as metaflow-jobs",
            )
        limits_checks.check(
            checks,
            total_cpus=self.total_cpus,
            total_memory_gb=self.total_memory_gb,
            total_gpus=self.total_gpus,
            total_pods=self.total_pods,
            task_cpus=self.task_cpus,
            task_memory_gb=self.task_memory_gb,
        )
        secret_manager.check(checks, "secrets", self.secrets)


class Argo(Section):
    """Argo Workflows for deployed flows (argo-workflows create, @schedule), and Argo Events for @trigger."""

    enabled: bool = True
    """false installs neither of the two."""
    events: bool = True
    """Argo Events, with an event bus and a webhook."""
    workflows_chart: Literal["0.47.5"] = "0.47.5"
    """The version of the chart argo-workflows: those that were tested. 0.47.5 is Argo Workflows 3.7.11."""
    events_chart: Literal["2.4.22"] = "2.4.22"
    """The version of the chart argo-events: those that were tested. 2.4.22 is Argo Events 1.9.10."""
    keep_succeeded_seconds: Number = Field(default=_WEEK, ge=0, le=MAX_KEPT_SECONDS)
    """Seconds after which a workflow that succeeded is removed from the cluster, up to a year (31536000). Its results
    stay in the bucket."""
    keep_failed_seconds: Number = Field(default=2 * _WEEK, ge=0, le=MAX_KEPT_SECONDS)
    """Seconds after which a workflow that failed is removed, up to a year (31536000)."""


class JobSet(Section):
    """The controller that @parallel needs."""

    enabled: bool = True
    """false installs nothing."""
    chart: Literal["0.11.1"] = "0.11.1"
    """The version of the chart jobset: those that were tested."""
