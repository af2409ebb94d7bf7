"""Priority classes: a pod that names one is made only if it is there.

As the API server has it (plugin/pkg/admission/priority/admission.go).
"""

from typing import Any

from rehearsal.cloud.kubernetes.events import Event
from rehearsal.cloud.model import Cloud, Key

BUILT_IN = {"system-cluster-critical", "system-node-critical"}


def event(cloud: Cloud, cluster: Key, pod: Any) -> Event | None:
    """What the controller says of pods that name a class which is not there."""
    name = pod.get("priority_class_name")
    unknown = isinstance(name, str) and name and name not in BUILT_IN
    if not unknown or cloud.get(Key("kubernetes_priority_class", cluster.id, str(name))):
        return None
    return Event(reason="FailedCreate", message=f"pods are forbidden: no PriorityClass with name {name} was found")
