"""What is watched, and who hears of it."""

from collections.abc import Sequence

from metaflow_gcp.choices import chosen
from metaflow_gcp.google.gke.cluster import GkeCluster, GkeClusterProps
from metaflow_gcp.google.sql import tiers
from metaflow_gcp.google.sql.postgres_database import PostgresDatabase
from metaflow_gcp.google.storage import Datastore
from metaflow_gcp.metaflow.observability.choices import ObservabilityChoices
from metaflow_gcp.metaflow.observability.observability import (
    MONITORING_COMPONENTS,
    Observability,
    ObservabilityProps,
    Scaled,
)
from stacks.base import PlatformStack, labels
from stacks.settings import Settings
from stacks.settings.naming import CONTROLLERS_NAMESPACE, SERVICES_NAMESPACE


def monitoring_components(settings: Settings) -> tuple[str, ...]:
    """Without dashboard and alerts, only what is free."""
    return MONITORING_COMPONENTS if settings.observability.enabled else GkeClusterProps.monitoring_components


def add_observability(
    stack: PlatformStack,
    settings: Settings,
    *,
    cluster: GkeCluster,
    task_pools: Sequence[Scaled],
    database: PostgresDatabase,
    datastore: Datastore,
) -> None:
    if settings.observability.billing_account:
        # The API of budgets counts requests of people against a project, and has to be told which.
        stack.google.user_project_override = True
        stack.google.billing_project = settings.project
    Observability(
        stack,
        "observability",
        ObservabilityProps(
            project=settings.project,
            name=f"Metaflow {settings.environment}",
            cluster=cluster,
            services_namespace=SERVICES_NAMESPACE,
            jobs_namespace=settings.jobs.namespace,
            controllers_namespace=CONTROLLERS_NAMESPACE if settings.argo.enabled or settings.jobset.enabled else None,
            argo_workflows=settings.argo.enabled,
            argo_events=settings.argo.enabled and settings.argo.events,
            task_pools=task_pools,
            database=database.instance_name,
            max_connections=tiers.max_connections(settings.database.tier),
            bucket=datastore.name,
            certificate=settings.endpoint.enabled,
            labels=labels(settings),
            **chosen(settings.observability, ObservabilityChoices),
        ),
    )
