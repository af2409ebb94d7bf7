"""Argo Workflows and Argo Events. Needs no Node."""

from collections.abc import Iterator

from metaflow_gcp.google.monitoring.alert import MetricAlert
from metaflow_gcp.metaflow.observability.alerts import shared
from metaflow_gcp.metaflow.observability.watched import Watched


def workflows(watched: Watched) -> Iterator[MetricAlert]:
    queue = watched.collected("argo_workflows_queue_depth_gauge/gauge", queue_name="workflow_queue")
    yield MetricAlert(
        id="workflow-queue",
        title="Argo's controller does not keep up",
        severity="WARNING",
        query=f"max({queue}) > 100",
        minutes=15,
        what_to_do="""\
More than 100 changes of workflows have been waiting for the controller for 15 minutes: steps of deployed flows
start late.

`kubectl -n argo top pod` and `kubectl -n argo logs deploy/argo-workflows-workflow-controller` show whether it
is short of CPU, or slowed down by the API server.""",
    )
    errors = watched.collected("argo_workflows_error_count/counter")
    yield MetricAlert(
        id="workflow-errors",
        title="Argo could not start a scheduled flow, or failed itself",
        severity="ERROR",
        query=f"sum by (cause) (increase({errors}[1h])) > 0",
        minutes=1,
        what_to_do="""\
`cause` is CronWorkflowSubmissionError or CronWorkflowSpecError (a schedule did not start its flow) or
OperationPanic (a fault of Argo's).

`kubectl -n argo logs deploy/argo-workflows-workflow-controller` names the flow. Deploy it again with
`argo-workflows create`.""",
    )


def events(watched: Watched) -> Iterator[MetricAlert]:
    bus = "~eventbus-.+"
    desired = watched.collected("kube_statefulset_replicas/gauge", namespace=watched.jobs, statefulset=bus)
    ready = watched.collected("kube_statefulset_status_replicas_ready/gauge", namespace=watched.jobs, statefulset=bus)
    yield MetricAlert(
        id="event-bus-down",
        title="The event bus is down",
        severity="CRITICAL",
        query=f"sum by (statefulset) ({desired}) > sum by (statefulset) ({ready})",
        minutes=10,
        what_to_do=f"""\
No event starts a flow (`@trigger`) while the bus is down, and events sent meanwhile are refused.

{shared.STATUS} `kubectl -n {watched.jobs} describe pod -l controller=eventbus-controller` says why: most often
its disk is in a zone that has no room.""",
    )
    yield MetricAlert(
        id="event-bus-disk",
        title="The event bus's disk is nearly full",
        severity="ERROR",
        query="max by (pod_name) ("
        + watched.of_nodes("pod/volume/utilization", namespace_name=watched.jobs, pod_name=bus)
        + f") > {shared.BUSY}",
        minutes=15,
        what_to_do=f"""\
Events are refused when it is full. The bus drops events by itself after their time: more arrive than are
planned for.

`kubectl -n {watched.jobs} logs -l controller=eventsource-controller` shows what publishes so many.""",
    )
    yield MetricAlert(
        id="sensors-not-ready",
        title="A webhook or a flow's sensor is not ready",
        severity="ERROR",
        query=shared.short_of_replicas(watched, watched.jobs),
        minutes=15,
        what_to_do=f"""\
The Deployment takes events in (`...-eventsource-...`) or starts one flow on them (`...-sensor-...`).

{shared.STATUS} `kubectl -n {watched.jobs} logs deploy/DEPLOYMENT` says what it fails at.""",
    )
    failed = watched.collected("argo_events_events_sent_failed_total/counter", namespace=watched.jobs)
    yield MetricAlert(
        id="events-lost",
        title="Events did not reach the bus",
        severity="ERROR",
        query=f"sum(increase({failed}[15m])) > 0",
        minutes=1,
        what_to_do="""\
The webhook could not hand events to the bus: their senders got an error. If the bus is down, another alert says
so; otherwise its disk may be full, or its pod restarts: `metaflow-gcp status`.""",
    )
