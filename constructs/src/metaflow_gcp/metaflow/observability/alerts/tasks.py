"""Tasks, and the nodes that they run on."""

from collections.abc import Iterator

from metaflow_gcp.google.monitoring.alert import MetricAlert
from metaflow_gcp.metaflow.observability.watched import NODE_POOL, Watched


def tasks(watched: Watched) -> Iterator[MetricAlert]:
    yield MetricAlert(
        id="tasks-waiting",
        title="Tasks have been waiting for an hour",
        severity="WARNING",
        query=f"sum({watched.waiting}) > 0",
        minutes=60,
        what_to_do="""\
At least one task has found no node for an hour.

`metaflow-gcp status` says what for: a quota, a machine type that Google has run out of, a selector that matches
no pool, or the limits of `[jobs]`.""",
    )
    yield MetricAlert(
        id="tasks-without-image",
        title="Tasks cannot start: their image or a secret is missing",
        severity="WARNING",
        query="sum by (reason) ("
        + watched.collected(
            "kube_pod_container_status_waiting_reason/gauge",
            namespace=watched.jobs,
            reason="~ErrImagePull|ImagePullBackOff|InvalidImageName|CreateContainerConfigError",
        )
        + ") > 0",
        minutes=15,
        what_to_do="""\
For 15 minutes a task has been waiting for an image or a secret that Kubernetes cannot get.

`metaflow-gcp status` names the task and the image. `metaflow-gcp image` shows what the registry has.""",
    )
    if full := _at_maximum(watched):
        yield MetricAlert(
            id="pool-full",
            title="A pool is at its maximum, and tasks wait",
            severity="WARNING",
            query=f"({full}) and on () (sum({watched.waiting}) > 0)",
            minutes=15,
            what_to_do="""\
A pool has had all the nodes that `max_nodes` allows for 15 minutes, while tasks wait for a node. They may be
waiting for another pool: `metaflow-gcp status` says which.

Raise `max_nodes` of the pool in the settings and deploy: `metaflow-gcp preflight` checks the quota.""",
        )


def nodes(watched: Watched) -> Iterator[MetricAlert]:
    asked = watched.of_nodes("container/accelerator/request")
    tasks = f'label_replace({asked}, "node_name", "$1", "metadata_system_node_name", "(.+)")'
    yield MetricAlert(
        id="gpu-idle",
        title="A GPU node has had no GPU task for an hour",
        severity="WARNING",
        query=f"max by (node_name) ({watched.of_nodes('node/accelerator/duty_cycle')})"
        f" unless on (node_name) sum by (node_name) ({tasks})",
        minutes=60,
        what_to_do="""\
You pay for a GPU that no container has asked for in an hour. GKE removes such a node after 10 minutes unless
something keeps it: `min_nodes` of its pool, or a pod without GPU that may not be moved.

`kubectl get pods -A --field-selector spec.nodeName=NODE` shows what is on it.""",
    )
    yield MetricAlert(
        id="node-unhealthy",
        title="A node is not ready or short of disk or memory",
        severity="WARNING",
        query="sum by (node_name, condition) ("
        + watched.of_nodes("node/status_condition", condition="~DiskPressure|MemoryPressure|PIDPressure", status="True")
        + " or "
        + watched.of_nodes("node/status_condition", condition="Ready", status="!True")
        + ") > 0",
        minutes=15,
        what_to_do="""\
Kubernetes ends pods on such a node, and starts none there. GKE replaces nodes that stay not ready.

`kubectl describe node NODE` says what fills it. Give the pool a larger `disk_size_gb`, or tasks a `disk=` or
`memory=` that fits what they use.""",
    )


def _at_maximum(watched: Watched) -> str:
    """The pools that have all their nodes."""
    return " or ".join(
        f"count by ({NODE_POOL}) ({watched.of_nodes('node/cpu/total_cores', **{NODE_POOL: pool})}) >= {most}"
        for pool, most in watched.max_nodes.items()
    )
