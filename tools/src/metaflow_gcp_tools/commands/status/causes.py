"""What the reasons of the autoscaler and the scheduler mean for a task, and what to do about each.

Word for word from cluster-autoscaler 1.34.4 (`core/scaleup/orchestrator`: skippedreasons.go, rejectedreasons.go,
orchestrator.go; `processors/status/eventing_scale_up_processor.go`) and Kubernetes 1.34.4 (`pkg/scheduler/framework/
plugins`: noderesources/fit.go, nodeaffinity, nodename, nodeunschedulable, tainttoleration, interpodaffinity,
podtopologyspread, volumebinding, volumezone, volumerestrictions, nodevolumelimits). Two older forms of the taint are
those of Kubernetes 1.33, and of 1.18. A reason that is not here is `unknown`, and shown as it is.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from metaflow_gcp_tools.commands.status.allocatable import KEPT
from metaflow_gcp_tools.commands.status.why import Reason, Why

IN_BACKOFF = "in backoff after failed scale-up"
"""Google refused a node of this pool a short while ago; why, only GKE can say."""

_WAIT_OR_RAISE_LIMITS = (
    "wait until other tasks have ended, or raise `cluster.auto_provisioning` in the settings and deploy"
)
_SELECT_OTHERS = "change `node_selector` of @kubernetes, or add such a pool to the settings and deploy"
_SEE_VOLUMES = (
    "see `kubectl get persistentvolumeclaims`: a claim must exist, be bound or bind in a zone that the pools have, and "
    "be mounted by no other node"
)


@dataclass(frozen=True)
class _Cause:
    patterns: tuple[str, ...]
    """Of whole reasons. A group is what `{}` in `what` stands for: names, joined by commas."""
    reason: Reason
    what: str
    next_step: str


_CAUSES = (
    _Cause(
        (
            r"max cluster (.+) limit reached",
            r"max total (nodes) in cluster reached",
            r"atomic scale-up exceeds cluster node count limit",
        ),
        "cluster limit",
        "the cluster's limit of {} for all nodes together is reached",
        _WAIT_OR_RAISE_LIMITS,
    ),
    _Cause(
        (
            r"max node group size reached",
            r"not all pods would fit and scale-up is using all-or-nothing strategy",
        ),
        "pools full",
        "every pool that would fit has reached its maximum of nodes",
        "wait until other tasks have ended, or raise `max_nodes` in the settings and deploy",
    ),
    _Cause(
        (
            r"not ready for scale-up",
            r"node\(s\) were unschedulable",
            r"node\(s\) had unknown conditions",
        ),
        "not ready",
        "GKE adds no node to a pool whose nodes are not ready",
        "wait: GKE repairs nodes by itself within some ten minutes; if nothing changes, see the pool in "
        "https://console.cloud.google.com/kubernetes/list",
    ),
    _Cause(
        (r"Insufficient (\S+)", r"Too many (pods)"),
        "too large",
        "it requests more {} than a node of any pool can provide",
        "ask for less in @kubernetes, or add a pool of larger machines",
    ),
    _Cause(
        (
            r"node\(s\) had no available volume zone",
            r"node\(s\) had volume node affinity conflict",
            r"node\(s\) didn't find available persistent volumes to bind",
            r"node\(s\) didn't match PersistentVolume's node affinity",
            r"node\(s\) did not have enough free storage",
            r"node\(s\) unavailable due to .*",
            r"node\(s\) exceed max volume count",
            r"node\(s\) had no available disk",
            r"persistentvolumeclaim \".*\" .*",
            r"pod has unbound immediate PersistentVolumeClaims",
        ),
        "volume",
        "no node can mount its `persistent_volume_claims`",
        _SEE_VOLUMES,
    ),
    _Cause(
        (
            r"node\(s\) didn't match Pod's node affinity(?:/selector)?",
            r"node\(s\) didn't match scheduler-enforced node affinity",
            r"node\(s\) didn't match the requested node name",
        ),
        "no such node",
        "no pool has nodes with the labels that it asks for",
        _SELECT_OTHERS,
    ),
    _Cause(
        (
            r"node\(s\) didn't match pod (?:anti-)?affinity rules",
            r"node\(s\) didn't satisfy existing pods anti-affinity rules",
            r"node\(s\) didn't match pod topology spread constraints.*",
            r"pod affinity terms conflict",
        ),
        "affinity",
        "its rules of affinity to other pods, or theirs, keep it off every node",
        "change the affinity in the pod's specification",
    ),
    _Cause(
        (
            r"node\(s\) had untolerated taint(?:\(s\))?",
            r"node\(s\) had taints that the pod didn't tolerate",
            r"node\(s\) had untolerated taint \{([^}]*?):? *\}",
            r"node\(s\) had taint \{([^}]*?):? *\}, that the pod didn't tolerate",
        ),
        "taint",
        "the nodes that would fit are kept for others: it does not tolerate {}",
        "add it to `tolerations` of @kubernetes; nodes with GPUs take only tasks that ask for a GPU",
    ),
)
"""Each reason holds for some pools. The first in this order is the cause: with it gone the task would start."""

_UNNAMED = {"cluster limit": "nodes", "taint": "their taint"}


def cause(reasons: Iterable[str]) -> Why | None:
    """The cause among these reasons; `None` when none of them is known."""
    said = tuple(reasons)
    for each in _CAUSES:
        found = [match for reason in said for pattern in each.patterns if (match := re.fullmatch(pattern, reason))]
        if found:
            names = _names(group for match in found for group in match.groups() if group)
            return Why(
                reason=each.reason,
                what=each.what.format(" and ".join(names) or _UNNAMED.get(each.reason, "")),
                next_step="; ".join([each.next_step, *(KEPT[name] for name in names if name in KEPT)])
                if each.reason == "too large"
                else each.next_step,
            )
    return None


def insufficient(reasons: Iterable[str]) -> list[str]:
    """Kubernetes' names of the resources that nodes have too little of."""
    return _names(match[1] for reason in reasons if (match := re.fullmatch(r"Insufficient (\S+)", reason)))


def _names(groups: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for group in groups for name in group.split(", ")))
