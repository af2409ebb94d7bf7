"""Why a task has no node yet, in plain words: from its events, its conditions, and what GKE says of the pools."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from metaflow_gcp_tools.commands.status import causes, messages, node_labels, refusals, room, trouble
from metaflow_gcp_tools.commands.status.pools import Cluster
from metaflow_gcp_tools.commands.status.why import Waiting, Why


def waiting(pods: Iterable[Any], events: Sequence[Any], cluster: Cluster | None) -> list[Waiting]:
    """Of the tasks' namespace, grouped by what they wait for. `events` are in the order in which they happened."""
    groups: dict[Why, list[Any]] = {}
    for pod in pods:
        groups.setdefault(explain(pod, events, cluster), []).append(pod)
    return [
        Waiting(
            why=why,
            tasks=tuple(pod.metadata.name for pod in of_why),
            since=min((pod.metadata.creation_timestamp for pod in of_why), default=None),
        )
        for why, of_why in groups.items()
    ]


def explain(pod: Any, events: Sequence[Any], cluster: Cluster | None) -> Why:
    """The pod is `Pending`."""
    if pod.spec.node_name:
        return _on_its_node(pod, events)
    mine = [event for event in events if event.involved_object.name == pod.metadata.name]
    refused = [event.message for event in mine if event.reason == "FailedScaleUp"]
    autoscaler = [event for event in mine if event.reason in {"FailedScaleUp", "TriggeredScaleUp", "NotTriggerScaleUp"}]
    if autoscaler and autoscaler[-1].reason == "TriggeredScaleUp":
        return _STARTING
    if refused:
        return refusals.refused(refused[-1])
    if wrong := _wrong_selector(pod, cluster):
        return wrong
    if autoscaler:
        return _not_tried(pod, autoscaler[-1].message, cluster)
    return _unscheduled(pod)


def _unscheduled(pod: Any) -> Why:
    """Nothing but what the scheduler says: the autoscaler has not looked at it yet, or there is none."""
    said = [
        condition.message
        for condition in pod.status.conditions or ()
        if condition.type == "PodScheduled" and condition.message
    ]
    found = causes.cause(messages.of_scheduler(said[-1])) if said else None
    # A new node has what others lack, but for a volume.
    if found and found.reason == "volume":
        return found
    return Why(
        reason="unknown",
        what=f"the scheduler says: {trouble.tidy(said[-1])}" if said else "the scheduler has not looked at it yet",
        next_step="retry in a minute; if nothing changes: "
        f"`kubectl describe pod --namespace {pod.metadata.namespace}` and its name",
    )


_STARTING = Why(reason="starting", what="a node is being started for it", next_step="wait: that takes a few minutes")


def _on_its_node(pod: Any, events: Sequence[Any]) -> Why:
    problem = trouble.of(pod, events)
    if problem is None:
        return Why(
            reason="starting", what="its container is being started", next_step="wait: large images take minutes"
        )
    # Told together with others of the same trouble: without the pod's name.
    what = problem.what.removeprefix(f"{pod.metadata.namespace}/{pod.metadata.name}").removeprefix(":").strip()
    return Why(reason="container", what=what, next_step=problem.next_step.replace(pod.metadata.name, "POD"))


def _wrong_selector(pod: Any, cluster: Cluster | None) -> Why | None:
    """The labels that it asks for, and that no pool's nodes have."""
    wanted: Mapping[str, str] = pod.spec.node_selector or {}
    if not wanted or cluster is None:
        return None
    lacking = [cluster.lacking(pool, wanted) for pool in cluster.pools]
    if not all(lacking):
        return None
    gpu = wanted.get(node_labels.ACCELERATOR)
    if cluster.auto_provisioned and (gpu is None or gpu in cluster.auto_provisioned):
        # GKE may make a pool for it.
        return None
    missing = " and ".join(f"{key}={wanted[key]}" for key in sorted(set().union(*lacking)))
    gpus = sorted({pool.gpu for pool in cluster.pools if pool.gpu})
    there = f"; GPUs of the pools: {', '.join(gpus) or 'none'}" if gpu else ""
    return Why(
        reason="no such node",
        what=f"no pool has nodes with {missing}{there}",
        next_step="change `node_selector` of @kubernetes, or add such a pool to `gpu_pools` or `task_pools` and deploy",
    )


def _not_tried(pod: Any, message: str, cluster: Cluster | None) -> Why:
    """The autoscaler asked for no node: none would help, or none may be added."""
    reasons = messages.of_autoscaler(message)
    if causes.IN_BACKOFF in reasons:
        return _in_backoff(cluster)
    found = causes.cause(reasons)
    if found is None:
        said = f"says: {trouble.tidy(message)}" if reasons else "requests no node for it, and gives no reason"
        return Why(reason="unknown", what=f"the autoscaler {said}", next_step=refusals.LOGS)
    if found.reason == "too large":
        return replace(found, what=found.what + room.most(causes.insufficient(reasons), pod, cluster))
    return found


def _in_backoff(cluster: Cluster | None) -> Why:
    """Google refused a node before, and its reason may be gone from the events; GKE keeps it at the pool."""
    for pool in cluster.pools if cluster else ():
        for code, message in pool.conditions:
            if code in {"GCE_STOCKOUT", "GCE_QUOTA_EXCEEDED"}:
                return refusals.refused(f"{code} {message}")
    return Why(
        reason="refused lately",
        what="Google refused a node recently: no quota, or no capacity; GKE waits before it retries",
        next_step="run `metaflow-gcp preflight` to see the quotas; with enough of them it is capacity: "
        + refusals.CAPACITY,
    )
