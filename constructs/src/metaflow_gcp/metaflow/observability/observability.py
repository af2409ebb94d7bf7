"""What the platform does, and when it breaks, in Cloud Monitoring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cdktf_cdktf_provider_google.monitoring_dashboard import MonitoringDashboard
from constructs import Construct

from metaflow_gcp.checks import Checks
from metaflow_gcp.google.gke._pool import Cluster
from metaflow_gcp.google.monitoring import policy
from metaflow_gcp.google.monitoring.budget import Budget
from metaflow_gcp.google.monitoring.channels import Channels
from metaflow_gcp.google.requirements import Requirements
from metaflow_gcp.labels import check_resource_labels
from metaflow_gcp.metaflow.observability import dashboard, metrics
from metaflow_gcp.metaflow.observability.alerts.every import alerts
from metaflow_gcp.metaflow.observability.choices import ObservabilityChoices
from metaflow_gcp.metaflow.observability.watched import Watched
from metaflow_gcp.properties import Properties

MONITORING_COMPONENTS = metrics.components()
"""What the cluster must send: `monitoring_components` of a `GkeCluster`."""


class Scaled(Protocol):
    """A `NodePool` or a `GpuNodePool`."""

    @property
    def name(self) -> str: ...
    @property
    def max_nodes(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class ObservabilityProps(ObservabilityChoices, Properties):
    project: str
    """The id of the project."""
    name: str
    """Goes before the title of everything: `Metaflow default`."""
    cluster: Cluster
    """The cluster, which sends `MONITORING_COMPONENTS`."""
    services_namespace: str
    """Where the metadata service and the user interface are."""
    jobs_namespace: str
    """Where tasks run."""
    controllers_namespace: str | None = None
    """Where Argo's and JobSet's controllers are. Default: there are none."""
    argo_workflows: bool = False
    """Whether Argo Workflows is there, and a `MetricsCollection` collects its metrics."""
    argo_events: bool = False
    """The same of Argo Events."""
    task_pools: Sequence[Scaled] = ()
    """The pools whose maximum is watched."""
    database: str
    """The name of the Cloud SQL instance."""
    max_connections: int | None = None
    """How many connections it accepts. Default: not known, and not watched."""
    bucket: str
    """The name of the bucket for artifacts."""
    certificate: bool = False
    """Whether there is an `Endpoint`, whose certificate is watched."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels of channels and policies."""

    def _check(self, checks: Checks) -> None:
        check_resource_labels(checks, "labels", self.labels)
        self.check(checks)


class Observability(Construct):
    """One dashboard, alert policies that say what to do, channels for whom they reach, and a budget."""

    requirements = Requirements(apis=frozenset({"monitoring.googleapis.com", "logging.googleapis.com"}))

    def __init__(self, scope: Construct, id_: str, props: ObservabilityProps) -> None:
        super().__init__(scope, id_)
        watched = _watched(props)
        channels = Channels(
            self,
            "channels",
            project=props.project,
            name=props.name,
            notify=props.notify,
            slack_token_secret=props.slack_token_secret,
            labels=props.labels,
        )
        for alert in alerts(watched):
            policy.add(
                self,
                alert,
                project=props.project,
                name=props.name,
                channels=channels.ids,
                labels=props.labels,
            )
        MonitoringDashboard(
            self,
            "dashboard",
            project=props.project,
            dashboard_json=dashboard.document(props.name, dashboard.tiles(watched)),
        )
        if props.billing_account is not None and props.monthly_budget is not None:
            Budget(
                self,
                "budget",
                project=props.project,
                name=f"{props.name} ({props.project})"[:60],
                billing_account=props.billing_account,
                amount=props.monthly_budget,
                email_channels=channels.email_ids,
            )


def _watched(props: ObservabilityProps) -> Watched:
    return Watched(
        project=props.project,
        cluster=props.cluster.name,
        services=props.services_namespace,
        jobs=props.jobs_namespace,
        controllers=props.controllers_namespace,
        workflows=props.argo_workflows,
        events=props.argo_events,
        max_nodes={pool.name: pool.max_nodes for pool in props.task_pools},
        database=props.database,
        max_connections=props.max_connections,
        bucket=props.bucket,
        certificate=props.certificate,
    )
