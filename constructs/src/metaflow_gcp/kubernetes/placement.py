"""Where our own services run: on the system pool, which tasks cannot use. Needs no Node."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Taint:
    """Keeps pods off a pool unless they tolerate it (`tolerations` of Metaflow's @kubernetes)."""

    key: str
    """Such as dedicated, or example.com/dedicated."""
    value: str = ""
    """Such as training. Default: empty."""
    effect: Literal["NO_SCHEDULE", "PREFER_NO_SCHEDULE", "NO_EXECUTE"] = "NO_SCHEDULE"
    """NO_SCHEDULE, PREFER_NO_SCHEDULE or NO_EXECUTE, as GKE's API spells them."""

    @property
    def toleration(self) -> dict[str, str]:
        """What a pod says to be let in, as Kubernetes spells it: `NoSchedule`."""
        effect = "".join(word.capitalize() for word in self.effect.split("_"))
        return {"key": self.key, "operator": "Equal", "value": self.value, "effect": effect}


@dataclass(frozen=True, kw_only=True)
class Placement:
    """The nodes that a service runs on."""

    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels that a node must have."""
    taints: tuple[Taint, ...] = ()
    """Taints that the pods tolerate."""


ANYWHERE = Placement()

SYSTEM_POOL = Placement(
    labels={"metaflow-gcp/pool": "system"},
    # GKE's own deployments (DNS, metrics, event exporter) tolerate this taint and would otherwise keep a node of the
    # tasks' pools from going away. https://cloud.google.com/kubernetes-engine/docs/how-to/isolate-workloads-dedicated-nodes
    taints=(Taint(key="components.gke.io/gke-managed-components", value="true", effect="NO_SCHEDULE"),),
)
