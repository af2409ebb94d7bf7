"""Priority classes: a pod that names one is made only if it is there.

As the API server has it (plugin/pkg/admission/priority/admission.go).
"""

from typing import Any

from rehearsal.cloud.kubernetes.events import Event
from rehearsal.cloud.model import Cloud, Key
from rehearsal.protocol.errors import Refused

BUILT_IN = {"system-cluster-critical", "system-node-critical"}


def missing(cloud: Cloud, cluster: Key, name: Any) -> str | None:
    """What is said of pods that name a class which is not there."""
    unknown = isinstance(name, str) and name and name not in BUILT_IN
    if unknown and cloud.get(Key("kubernetes_priority_class", cluster.id, name)) is None:
        return f"no PriorityClass with name {name} was found"
    return None


def event(cloud: Cloud, cluster: Key, pod: Any) -> Event | None:
    said = missing(cloud, cluster, pod.get("priority_class_name"))
    return Event(reason="FailedCreate", message=f"pods are forbidden: {said}") if said else None


def check(cloud: Cloud, cluster: Key, what: str, name: Any) -> None:
    """Refuses a custom resource whose pods name a class that is not there."""
    if said := missing(cloud, cluster, name):
        raise Refused(f"Error creating: pods of {what} are forbidden: {said}")
