"""The platform's own services. Needs no Node."""

from collections.abc import Iterator

from metaflow_gcp.google.monitoring.alert import MetricAlert
from metaflow_gcp.metaflow.observability.alerts import shared
from metaflow_gcp.metaflow.observability.watched import Watched


def services(watched: Watched) -> Iterator[MetricAlert]:
    yield MetricAlert(
        id="services-not-ready",
        title="A service is not ready",
        severity="CRITICAL",
        query=shared.short_of_replicas(watched, f"~{watched.platform}"),
        minutes=10,
        what_to_do=f"""\
A Deployment of the platform has had fewer pods than it should for 10 minutes.

{shared.STATUS} Then `kubectl -n NAMESPACE describe pod` and `kubectl -n NAMESPACE logs DEPLOYMENT` say what its
pods do. A metadata service that is not ready most often does not reach its database. Tasks that run go on and
retry.""",
    )
    yield MetricAlert(
        id="services-restart",
        title="A service restarts again and again",
        severity="ERROR",
        query="sum by (namespace_name, container_name) (increase("
        + watched.of_nodes("container/restart_count", namespace_name=f"~{watched.platform}")
        + "[1h])) > 3",
        minutes=5,
        what_to_do="""\
A container of the platform has started more than three times in an hour.

`kubectl -n NAMESPACE logs POD --previous` shows its last words, `kubectl -n NAMESPACE describe pod POD` the
reason: OOMKilled means that its memory limit is too small for what is asked of it.""",
    )
