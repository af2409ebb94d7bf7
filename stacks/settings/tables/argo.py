"""What runs deployed flows."""

from metaflow_gcp.checks import Checks
from metaflow_gcp.kubernetes.helm import charts
from metaflow_gcp.metaflow.argo.workflows_values import KEPT_AFTER_FAILURE, KEPT_AFTER_SUCCESS, KeptSeconds
from stacks.settings.tables.section import Section


class Argo(Section):
    """Argo Workflows for deployed flows (argo-workflows create, @schedule), and Argo Events for @trigger."""

    enabled: bool = True
    """false installs neither of the two. From true to false removes every deployed flow, its schedule and its sensor,
    with the definitions of Argo; true later brings none of them back: deploy the flows again. `make deploy` asks."""
    events: bool = True
    """Argo Events, with an event bus and a webhook. From true to false removes the sensors of deployed flows."""
    workflows_chart: str = charts.ARGO_WORKFLOWS.newest
    """The version of the chart argo-workflows: those that were tested. 0.47.5 is Argo Workflows 3.7.11."""
    events_chart: str = charts.ARGO_EVENTS.newest
    """The version of the chart argo-events: those that were tested. 2.4.22 is Argo Events 1.9.10."""
    keep_succeeded_seconds: KeptSeconds = KEPT_AFTER_SUCCESS
    """Seconds after which a workflow that succeeded is removed from the cluster, up to a year (31536000). Its results
    stay in the bucket."""
    keep_failed_seconds: KeptSeconds = KEPT_AFTER_FAILURE
    """Seconds after which a workflow that failed is removed, up to a year (31536000)."""

    def check(self, checks: Checks) -> None:
        charts.ARGO_WORKFLOWS.check(checks, "workflows_chart", self.workflows_chart)
        charts.ARGO_EVENTS.check(checks, "events_chart", self.events_chart)
