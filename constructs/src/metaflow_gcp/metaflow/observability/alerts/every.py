"""Every alert of a platform. Needs no Node."""

from metaflow_gcp.google.monitoring.alert import LogAlert, MetricAlert
from metaflow_gcp.metaflow.observability.alerts import argo, database, endpoint, services, tasks
from metaflow_gcp.metaflow.observability.watched import Watched


def alerts(watched: Watched) -> list[MetricAlert | LogAlert]:
    """Of the parts that are there."""
    found: list[MetricAlert | LogAlert] = [
        *services.services(watched),
        *database.database(watched),
        *tasks.tasks(watched),
        *tasks.nodes(watched),
    ]
    if watched.workflows:
        found += argo.workflows(watched)
    if watched.events:
        found += argo.events(watched)
    if watched.certificate:
        found.append(endpoint.certificate())
    return found
