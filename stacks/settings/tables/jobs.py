"""What tasks run in, and what runs workflows and events."""

from dataclasses import dataclass
from typing import Literal

from metaflow_gcp import names
from metaflow_gcp.checks import Checks
from metaflow_gcp.google import secret_manager
from metaflow_gcp.kubernetes.limits_choices import LimitsChoices
from metaflow_gcp.metaflow.argo.workflows_values import KEPT_AFTER_FAILURE, KEPT_AFTER_SUCCESS, KeptSeconds
from stacks.settings.naming import CONTROLLERS_NAMESPACE, SERVICES_NAMESPACE
from stacks.settings.tables.section import Section

_RESERVED_NAMESPACES = ("default", SERVICES_NAMESPACE, CONTROLLERS_NAMESPACE, "gmp-system", "gmp-public")


@dataclass(frozen=True, kw_only=True)
class Jobs(LimitsChoices):
    """The namespace that tasks, workflows and events live in."""

    namespace: str = "metaflow-jobs"
    """Its name: up to 63 of a-z, 0-9 and -. It cannot be changed without replacing what is in it."""
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
        super().check(checks)
        secret_manager.check(checks, "secrets", self.secrets)


class Argo(Section):
    """Argo Workflows for deployed flows (argo-workflows create, @schedule), and Argo Events for @trigger."""

    enabled: bool = True
    """false installs neither of the two. From true to false removes every deployed flow, its schedule and its sensor,
    with the definitions of Argo; true later brings none of them back: deploy the flows again."""
    events: bool = True
    """Argo Events, with an event bus and a webhook. From true to false removes the sensors of deployed flows."""
    workflows_chart: Literal["0.47.5"] = "0.47.5"
    """The version of the chart argo-workflows: those that were tested. 0.47.5 is Argo Workflows 3.7.11."""
    events_chart: Literal["2.4.22"] = "2.4.22"
    """The version of the chart argo-events: those that were tested. 2.4.22 is Argo Events 1.9.10."""
    keep_succeeded_seconds: KeptSeconds = KEPT_AFTER_SUCCESS
    """Seconds after which a workflow that succeeded is removed from the cluster, up to a year (31536000). Its results
    stay in the bucket."""
    keep_failed_seconds: KeptSeconds = KEPT_AFTER_FAILURE
    """Seconds after which a workflow that failed is removed, up to a year (31536000)."""


class JobSet(Section):
    """The controller that @parallel needs."""

    enabled: bool = True
    """false installs nothing."""
    chart: Literal["0.11.1"] = "0.11.1"
    """The version of the chart jobset: those that were tested."""
