"""Priority classes: a pod that names one is made only if it is there.

As the API server has it (plugin/pkg/admission/priority/admission.go).
"""

from typing import Any

from rehearsal.cloud.model import Cloud, Key
from rehearsal.protocol.errors import Refused

BUILT_IN = {"system-cluster-critical", "system-node-critical"}


def check(cloud: Cloud, cluster: Key, what: str, name: Any) -> None:
    """Refuses a workload whose pods name a class that is not there."""
    unknown = isinstance(name, str) and name and name not in BUILT_IN
    if unknown and cloud.get(Key("kubernetes_priority_class", cluster.id, name)) is None:
        raise Refused(f"Error creating: pods of {what} are forbidden: no PriorityClass with name {name} was found")
