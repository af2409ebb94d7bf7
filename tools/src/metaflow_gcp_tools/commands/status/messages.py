"""The grammar of what the autoscaler and the scheduler say of a pod that has no node, as their sources write it.

Autoscaler (cluster-autoscaler 1.34.4), in the event `NotTriggerScaleUp`:

    pod didn't trigger scale-up: 2 Insufficient cpu, 1 max cluster cpu, memory limit reached
    pod didn't trigger scale-up: max total nodes in cluster reached

`processors/status/eventing_scale_up_processor.go` joins the reasons with commas, each with the number of node groups
that it holds for; a reason may have commas of its own. There may be none. GKE's own autoscaler writes `Pod`, and takes
the reasons from there (module k8s.io/gke-autoscaling/cluster-autoscaler, package processors). `FAQ.md` shows an older
form, with `(it wouldn't fit if a new node is added)` before the colon.

Scheduler (Kubernetes 1.34.4), in the pod's condition `PodScheduled`:

    0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). preemption: 0/3 nodes are ...

`FitError.Error` in `pkg/scheduler/framework/types.go`: what a PreFilter plugin says, without a number; or the reasons
of the Filter plugins, sorted, each with its number of nodes; then what the PostFilter plugins say.
"""

import re

_AUTOSCALER = re.compile(r"pod didn't trigger scale-up[^:]*:(.*)", re.IGNORECASE | re.DOTALL)
_SCHEDULER = re.compile(r"\d+/\d+ nodes are available:(.*)", re.DOTALL)
_AND_ANOTHER = re.compile(r", (?=\d+ )")
_NUMBERED = re.compile(r"\d+ (.*)", re.DOTALL)


def of_autoscaler(message: str) -> tuple[str, ...]:
    """Its reasons, without their numbers."""
    said = _AUTOSCALER.fullmatch(message.strip())
    return _reasons(said[1] if said else message)


def of_scheduler(message: str) -> tuple[str, ...]:
    """The reasons why no node takes the pod; not what it says of preemption, which is of other pods."""
    said = _SCHEDULER.fullmatch(message.strip())
    filtered, _, _ = (said[1] if said else message).partition(". ")
    return _reasons(filtered)


def _reasons(joined: str) -> tuple[str, ...]:
    parts = (each.strip() for each in _AND_ANOTHER.split(joined.strip().removesuffix(".")))
    return tuple(_NUMBERED.sub(r"\1", each) for each in parts if each)
