"""Waiting until the pods of a workload are ready, as Terraform's provider does (kubernetes 2.38.0).

kubernetes/resource_kubernetes_deployment_v1.go, `waitForDeploymentReplicasFunc`: it asks until the timeout, and then
says what it waited for last. The object is there all the same, and Terraform keeps it as tainted.
"""

import re
from typing import Any

from rehearsal.cloud.kubernetes import kinds, workloads
from rehearsal.cloud.kubernetes.events import forbids_pods
from rehearsal.cloud.kubernetes.names import metadata
from rehearsal.cloud.model import Cloud, Key
from rehearsal.protocol.errors import Refused

_TIMEOUT = 600
"""Seconds that the provider waits unless it is told: 10 minutes."""


def wait(cloud: Cloud, cluster: Key, key: Key, state: dict[str, Any]) -> None:
    """Refuses, once it is made, a workload that the provider waits for in vain."""
    kind = kinds.find(key.kind)
    if kind.pods is None or state.get("wait_for_rollout") is False:
        return
    namespace = str(metadata(state).get("namespace") or "default")
    events = workloads.events(cloud, cluster, kind, namespace, state)
    if not events:
        return
    wanted = workloads.replicas(state)
    said = f"Waiting for rollout to finish: {wanted} replicas wanted; 0 replicas Ready"
    if any(forbids_pods(each) for each in events):
        said = f"Waiting for rollout to finish: 0 out of {wanted} new replicas have been updated..."
    deadline = (state.get("spec") or [{}])[0].get("progress_deadline_seconds")
    if isinstance(deadline, int) and deadline < _seconds((state.get("timeouts") or {}).get("create")):
        said = "Deployment exceeded its progress deadline"
    seen = "\n".join(f"  Warning  {each}" for each in events)
    raise Refused(said, f"Events of the pods of {namespace}/{metadata(state).get('name')}:\n{seen}", state=state)


def _seconds(timeout: Any) -> int:
    found = re.fullmatch(r"(\d+)([smh])", str(timeout))
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]] if found else _TIMEOUT
