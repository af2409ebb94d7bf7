"""Why a task has no node yet: what the scheduler and the autoscaler say, in plain words.

Their messages, word for word, are those of
- the scheduler: `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {nvidia.com/gpu: ...}.`
- the autoscaler, for pods: `pod didn't trigger scale-up: 1 max node group size reached, 2 Insufficient memory`; its
  reasons: https://github.com/kubernetes/autoscaler (cluster-autoscaler/core/scaleup/orchestrator/skippedreasons.go)
- GKE, when a node cannot be made: `Node scale up in zones us-west1-b associated with this pod failed: GCE out of
  resources. Pod is at risk of not being scheduled.`; codes for the same, GCE_STOCKOUT, GCE_QUOTA_EXCEEDED and
  ZONE_RESOURCE_POOL_EXHAUSTED, are in https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/StatusCondition
  and https://cloud.google.com/compute/docs/troubleshooting/troubleshooting-resource-availability
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from metaflow_gcp_tools.status import trouble
from metaflow_gcp_tools.status.pools import ACCELERATOR_LABEL, Cluster

Reason = Literal[
    "cluster limit",
    "container",
    "limit of a task",
    "no address",
    "no capacity",
    "no such node",
    "pools full",
    "quota",
    "refused lately",
    "resource quota",
    "starting",
    "taint",
    "too large",
    "unknown",
]

PATIENT: tuple[Reason, ...] = ("pools full", "starting")
"""These end by themselves: nothing is wrong."""


@dataclass(frozen=True, kw_only=True)
class Why:
    """What tasks wait for."""

    reason: Reason
    what: str
    next_step: str


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Tasks that wait for the same."""

    why: Why
    tasks: tuple[str, ...]
    """Names of pods; of Jobs and workflows' nodes, when there is no pod."""
    since: datetime | None
    """When the first of them was made."""


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
        return _refused(refused[-1])
    if wrong := _wrong_selector(pod, cluster):
        return wrong
    if autoscaler:
        return _not_tried(autoscaler[-1].message, cluster)
    said = [
        condition.message
        for condition in pod.status.conditions or ()
        if condition.type == "PodScheduled" and condition.message
    ]
    return Why(
        reason="unknown",
        what=f"the scheduler says: {trouble.tidy(said[-1])}" if said else "the scheduler has not looked at it yet",
        next_step="run this again in a minute; if nothing changes: "
        f"`kubectl describe pod --namespace {pod.metadata.namespace}` and its name",
    )


_STARTING = Why(reason="starting", what="a node is being started for it", next_step="wait: that takes a few minutes")

_QUOTA = "run `metaflow-gcp preflight` to see which quota is used up, and ask for more; or lower `max_nodes`"
_CAPACITY = (
    "wait, for GKE tries again; or offer the pool more `zones`, or another kind of capacity: `spot`, `flex_start`, "
    "a reservation, another `machine_type`"
)


def _on_its_node(pod: Any, events: Sequence[Any]) -> Why:
    problem = trouble.of(pod, events)
    if problem is None:
        return Why(
            reason="starting", what="its container is being started", next_step="wait: large images take minutes"
        )
    # Told together with others of the same trouble: without the pod's name.
    what = problem.what.removeprefix(f"{pod.metadata.namespace}/{pod.metadata.name}").removeprefix(":").strip()
    return Why(reason="container", what=what, next_step=problem.next_step.replace(pod.metadata.name, "POD"))


_LOGS = (
    "see the autoscaler's logs: https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-autoscaler-visibility"
)

_REFUSALS: tuple[tuple[str, Reason, str, str], ...] = (
    (
        "quota.{0,80}exceeded|QUOTA_EXCEEDED|exceeded quota",
        "quota",
        "a quota is used up: Google makes no further node{}",
        _QUOTA,
    ),
    (
        "out of resources|STOCKOUT|RESOURCE_POOL_EXHAUSTED",
        "no capacity",
        "Google has no machine of this kind left{} (stock-out)",
        _CAPACITY,
    ),
    (
        "IP.SPACE.EXHAUSTED",
        "no address",
        "the network has no addresses left for a further node or its pods{}",
        "the ranges cannot be changed in place: lower `max_nodes`, or plan larger `network` ranges",
    ),
)


def _refused(message: str) -> Why:
    """A node was asked for, and Google did not make it."""
    zones = re.search(r"in zones? ([a-z0-9,/ -]+?) associated", message)
    where = f" in {zones[1]}" if zones else ""
    for pattern, reason, what, next_step in _REFUSALS:
        if re.search(pattern, message, re.IGNORECASE):
            return Why(reason=reason, what=what.format(where), next_step=next_step)
    return Why(
        reason="refused lately",
        what=f"Google did not make a node{where}: {trouble.tidy(message)}",
        next_step=_LOGS,
    )


def _wrong_selector(pod: Any, cluster: Cluster | None) -> Why | None:
    """The labels that it asks for, and that no pool's nodes have."""
    wanted: Mapping[str, str] = pod.spec.node_selector or {}
    if not wanted or cluster is None:
        return None
    if any(all(value in pool.labels.get(key, ()) for key, value in wanted.items()) for pool in cluster.pools):
        return None
    gpu = wanted.get(ACCELERATOR_LABEL)
    if cluster.auto_provisioned and (gpu is None or gpu in cluster.auto_provisioned):
        # GKE may make a pool for it.
        return None
    missing = " and ".join(f"{key}={value}" for key, value in sorted(wanted.items()))
    gpus = sorted({pool.gpu for pool in cluster.pools if pool.gpu})
    there = f"; GPUs of the pools: {', '.join(gpus) or 'none'}" if gpu else ""
    return Why(
        reason="no such node",
        what=f"no pool has nodes with {missing}{there}",
        next_step="change `node_selector` of @kubernetes, or add such a pool to `gpu_pools` or `task_pools` and deploy",
    )


_NOT_TRIED: tuple[tuple[str, Reason, str, str], ...] = (
    (
        "max cluster ([^,]+?) limit reached",
        "cluster limit",
        "the cluster's limit of {} for all nodes together is reached",
        "wait until others have ended, or raise `cluster.auto_provisioning` in the settings and deploy",
    ),
    (
        "max node group size reached",
        "pools full",
        "every pool that fits has as many nodes as it may",
        "wait until others have ended, or raise `max_nodes` in the settings and deploy",
    ),
    (
        r"Insufficient ([\w./-]+)",
        "too large",
        "it asks for more {} than a node of any pool has to give",
        "ask for less in @kubernetes (about a tenth of a machine is Kubernetes' own), or add a pool of larger machines",
    ),
    (
        "didn't match Pod's node affinity/selector",
        "no such node",
        "no pool has nodes with the labels that it asks for",
        "change `node_selector` of @kubernetes, or add such a pool to the settings",
    ),
    (
        r"taint \{([^}]*?):? *\}",
        "taint",
        "the nodes that would fit are kept for others: it does not tolerate {}",
        "add it to `tolerations` of @kubernetes; nodes with GPUs take only tasks that ask for a GPU",
    ),
)
"""Of several reasons, each for some pools, the first in this order is the cause: with it gone the task would start."""


def _not_tried(message: str, cluster: Cluster | None) -> Why:
    """The autoscaler asked for no node: none would help, or none may be added."""
    if "in backoff after failed scale-up" in message:
        return _in_backoff(cluster)
    for pattern, reason, what, next_step in _NOT_TRIED:
        if found := re.findall(pattern, message):
            return Why(reason=reason, what=what.format(" and ".join(dict.fromkeys(found))), next_step=next_step)
    return Why(reason="unknown", what=f"the autoscaler says: {trouble.tidy(message)}", next_step=_LOGS)


def _in_backoff(cluster: Cluster | None) -> Why:
    """Google refused a node before, and its reason may be gone from the events; GKE keeps it at the pool."""
    for pool in cluster.pools if cluster else ():
        for code, message in pool.conditions:
            if code in {"GCE_STOCKOUT", "GCE_QUOTA_EXCEEDED"}:
                return _refused(f"{code} {message}")
    return Why(
        reason="refused lately",
        what="Google refused a node a short while ago: no quota, or no capacity; GKE waits before it asks again",
        next_step="run `metaflow-gcp preflight` to see the quotas; with enough of them it is capacity: " + _CAPACITY,
    )


def never_made(refused: Iterable[tuple[str, str]]) -> list[Waiting]:
    """Tasks whose pods the namespace's own limits refuse: the name of each, and what Kubernetes says."""
    groups: dict[Why, set[str]] = {}
    for task, message in refused:
        groups.setdefault(_not_allowed(message), set()).add(task)
    return [Waiting(why=why, tasks=tuple(sorted(tasks)), since=None) for why, tasks in groups.items()]


def _not_allowed(message: str) -> Why:
    # pods "train-x" is forbidden: exceeded quota: tasks, requested: requests.cpu=8, used: ..., limited: ...
    if exceeded := re.search(r"exceeded quota: ([\w.-]+), requested: (.*?), used: (.*?), limited: (.*)", message):
        return Why(
            reason="resource quota",
            what="all tasks together may not have more: "
            f"requested {exceeded[2]}, in use {exceeded[3]}, limit {exceeded[4]}",
            next_step="wait until others have ended, or raise `total_...` in `[jobs]` of the settings and deploy",
        )
    # pods "train-x" is forbidden: maximum cpu usage per Container is 32, but limit is 64
    if too_much := re.search(r"forbidden: \[?(maximum .*)", message):
        return Why(
            reason="limit of a task",
            what=f"it asks for more than one task may have: {trouble.tidy(too_much[1])}",
            next_step="ask for less in @kubernetes, or raise `jobs.task_cpus` or `jobs.task_memory_gb` and deploy",
        )
    return Why(
        reason="unknown",
        what=f"its pod is not made: {trouble.tidy(message)}",
        next_step="`kubectl describe job` shows all of it",
    )
