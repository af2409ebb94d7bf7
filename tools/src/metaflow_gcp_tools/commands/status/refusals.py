"""What GKE says of a node that Google did not make, and what to do about it.

    Node scale up in zones us-west1-a, us-west1-b associated with this pod failed: GCE quota exceeded, GCE out of
    resources. Pod is at risk of not being scheduled.

Module k8s.io/gke-autoscaling/cluster-autoscaler, package events: one reason or several, joined by commas, some with
details after a colon; the event is cut off after 250 characters. GKE keeps codes for the same at the pool, GCE_STOCKOUT
and GCE_QUOTA_EXCEEDED: https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/StatusCondition. Compute
Engine's own: https://cloud.google.com/compute/docs/troubleshooting/troubleshooting-resource-availability
"""

import re

from metaflow_gcp_tools.commands.status import trouble
from metaflow_gcp_tools.commands.status.why import Reason, Why

QUOTA = "run `metaflow-gcp preflight` to see which quota is used up, and ask for more; or lower `max_nodes`"
CAPACITY = (
    "wait: GKE retries; or give the pool more `zones`, or another kind of capacity: `spot`, `flex_start`, "
    "a reservation, another `machine_type`"
)
LOGS = "see the autoscaler's logs: https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-autoscaler-visibility"

_ZONES = re.compile(r"in zones ([a-z0-9, -]+?) (?:associated with this pod )?failed")

_REFUSALS: tuple[tuple[str, Reason, str, str], ...] = (
    (
        "quota.{0,80}exceeded|QUOTA_EXCEEDED|exceeded quota",
        "quota",
        "a quota is used up: Google creates no more nodes{}",
        QUOTA,
    ),
    (
        "Invalid Reservation|Reservation (?:not ready|capacity exceeded|not found|incompatible)",
        "reservation",
        "Google created no node{} from the pool's reservation: {said}",
        "compare the pool's `reservation` in the settings with `gcloud compute reservations list`",
    ),
    (
        "out of resources|STOCKOUT|RESOURCE_POOL_EXHAUSTED",
        "no capacity",
        "Google has no machine of this kind left{} (stock-out)",
        CAPACITY,
    ),
    (
        "IP.SPACE.EXHAUSTED",
        "no address",
        "the network has no addresses left for another node or its pods{}",
        "the ranges cannot be changed in place: lower `max_nodes`, or plan larger `network` ranges",
    ),
    (
        "Service Account was deleted",
        "refused lately",
        "Google created no node{}: the service account of the pool's nodes was deleted",
        "deploy the stack `infra` again: `make deploy`",
    ),
    (
        "failed to appear in time",
        "refused lately",
        "Google created a node{}, but it did not join the cluster in time",
        "wait: GKE retries; if it happens again, see the instance's serial port in the console",
    ),
)
"""Of several, the first in this order: for most of these waiting does not help."""


def refused(message: str) -> Why:
    """A node was asked for, and Google did not make it."""
    zones = _ZONES.search(message)
    where = f" in {zones[1]}" if zones else ""
    for pattern, reason, what, next_step in _REFUSALS:
        if re.search(pattern, message, re.IGNORECASE):
            return Why(reason=reason, what=what.format(where, said=_said(message)), next_step=next_step)
    return Why(reason="refused lately", what=f"Google did not create a node{where}: {_said(message)}", next_step=LOGS)


def _said(message: str) -> str:
    """Its reasons alone, where it has the usual form."""
    reasons = re.search(r" failed: (.*?)(?:\. Pod is at risk.*)?$", message, re.DOTALL)
    return trouble.tidy(reasons[1] if reasons else message)
