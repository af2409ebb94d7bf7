"""How a task's pod ended, in plain words.

`status.reason`, conditions and messages are those of Kubernetes 1.34: pkg/kubelet/nodeshutdown/nodeshutdown_manager.go,
pkg/kubelet/eviction/eviction_manager.go, pkg/controller/podgc, and
https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from metaflow_gcp_tools.commands.status import trouble

Reason = Literal["code", "evicted", "image", "memory", "node lost", "preempted", "timeout", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Ending:
    reason: Reason
    what: str
    next_step: str


_RETRY = "add @retry: the next attempt runs on another node"

MEMORY = Ending(
    reason="memory",
    what="it exceeded its memory limit (OOMKilled)",
    next_step="request more: `@kubernetes(memory=...)` or `@resources(memory=...)`, in MB",
)
PREEMPTED = Ending(
    reason="preempted", what="Google preempted its spot node", next_step=f"{_RETRY}; or use a pool without spot"
)
TIMEOUT = Ending(reason="timeout", what="it ran longer than its @timeout", next_step="raise `@timeout`")
_NODE_LOST = Ending(
    reason="node lost",
    what="its node was shut down or lost",
    next_step=_RETRY,
)
GONE = Ending(
    reason="unknown",
    what="its pod disappeared before it reported a result, probably because its node was lost",
    next_step=f"{_RETRY}; `metaflow-gcp logs` shows what it wrote last",
)
CODE = Ending(reason="code", what="its code failed", next_step="run `metaflow-gcp logs` to see why")

# Disruption conditions, and what the kubelet writes when its machine is shut down.
_DISRUPTED = {
    "PreemptionByScheduler": Ending(
        reason="evicted", what="Kubernetes preempted it for a higher-priority pod", next_step=_RETRY
    ),
    "DeletionByTaintManager": _NODE_LOST,
    "DeletionByPodGC": _NODE_LOST,
    "EvictionByEvictionAPI": Ending(
        reason="evicted",
        what="its node was drained, for an upgrade or by the autoscaler",
        next_step=_RETRY,
    ),
    "TerminationByKubelet": _NODE_LOST,
}
_OF_POD = {"NodeShutdown": _NODE_LOST, "Shutdown": _NODE_LOST, "Terminated": _NODE_LOST, "NodeLost": _NODE_LOST}


def of_pod(pod: Any, *, preempted: bool) -> Ending:
    """Of a pod that failed. `preempted`: Google says that its node was."""
    return PREEMPTED if preempted else next(_of_pod(pod), CODE)


def _of_pod(pod: Any) -> Iterator[Ending]:
    """What the pod says of itself, what explains most first."""
    status = pod.status
    of_task = [each.state.terminated for each in status.container_statuses or () if each.state.terminated]
    if any(each.reason == "OOMKilled" for each in of_task):
        yield MEMORY
    if status.reason == "DeadlineExceeded":
        yield TIMEOUT
    if status.reason == "Evicted":
        what = f"its node ran out of resources: {trouble.tidy(status.message)}"
        yield Ending(reason="evicted", what=what, next_step="request what it needs in @kubernetes")
    if status.reason in _OF_POD:
        yield _OF_POD[status.reason]
    for condition in status.conditions or ():
        if condition.type == "DisruptionTarget" and condition.status == "True" and condition.reason in _DISRUPTED:
            yield _DISRUPTED[condition.reason]
    for ended in of_task:
        if ended.exit_code:
            said = trouble.tidy(ended.message, 120)
            what = f"its code failed, exit code {ended.exit_code}" + (f": {said}" if said else "")
            yield Ending(reason="code", what=what, next_step=CODE.next_step)


def of_events(events: Iterable[tuple[str, str]], *, preempted: bool) -> Ending:
    """Of a pod that is gone, by the reasons and messages of its events."""
    if preempted:
        return PREEMPTED
    for reason, message in reversed(list(events)):
        if reason in {"TaintManagerEviction", "NodeNotReady", "NodeShutdown"}:
            return _NODE_LOST
        if reason in {"Evicted", "Preempted"}:
            return Ending(reason="evicted", what=f"it was evicted: {trouble.tidy(message)}", next_step=_RETRY)
        if reason in {"Failed", "BackOff"} and "image" in message.lower():
            return Ending(
                reason="image",
                what=f"its image could not be pulled: {trouble.tidy(message)}",
                next_step="check the image's name and that the image exists",
            )
    return GONE
