"""Which nodes can run a pod: their labels, their taints, and what they have room for.

The words are the scheduler's (Kubernetes 1.34, pkg/scheduler/framework/plugins: nodeaffinity, tainttoleration,
noderesources). A pool counts as one node: it grows when its nodes are full.
"""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from rehearsal.cloud import machine_families
from rehearsal.cloud.kubernetes.events import Event
from rehearsal.cloud.model import Cloud, Key
from rehearsal.cloud.quantities import amount
from rehearsal.protocol.values import UNKNOWN
from rehearsal.protocol.walk import find, first

ARCHITECTURE = "kubernetes.io/arch"
_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute"}
_GIVEN = ("cloud.google.com/", "kubernetes.io/", "beta.kubernetes.io/", "node.kubernetes.io/", "topology.")
"""What GKE's own labels begin with: auto-provisioning makes pools for them."""
_LABELS = {
    ARCHITECTURE,
    "cloud.google.com/gke-accelerator",
    "cloud.google.com/gke-nodepool",
    "cloud.google.com/gke-spot",
    "kubernetes.io/os",
    "node.kubernetes.io/instance-type",
}
Taint = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Nodes that are all alike."""

    name: str
    labels: dict[str, str]
    taints: tuple[Taint, ...]
    room: dict[str, Fraction]
    """Resource -> how much of it pods of one node may request; nothing where the machine type is not known."""
    account: str
    """The service account of the nodes."""


def pools(cloud: Cloud, cluster: Key) -> list[Pool]:
    """Those of a cluster: the declared ones, and its default pool unless it is removed."""
    name = cluster.id.rpartition("/")[2]
    found = [
        _pool(str(each.state["name"]), each.state)
        for each in cloud.all("google_container_node_pool", cluster.scope)
        if str(each.state["cluster"]).rpartition("/")[2] == name
    ]
    own = cloud.get(cluster)
    if own and first(own.state, "remove_default_node_pool") is not True:
        found.append(_pool("default-pool", own.state))
    return found


def possible(cloud: Cloud, cluster: Key, pod: Any) -> list[Pool]:
    """The pools whose nodes can run a pod."""
    return [each for each in pools(cloud, cluster) if _against(each, pod) is None]


def event(cloud: Cloud, cluster: Key, pod: Any) -> Event | None:
    """What the scheduler says of a pod that no node can run."""
    against = [_against(each, pod) for each in pools(cloud, cluster)]
    if None in against or _provisioned(cloud, cluster, pod):
        return None
    counted = Counter(filter(None, against))
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(counted.items()))
    return Event(reason="FailedScheduling", message=f"0/{len(against)} nodes are available: {reasons or 'no nodes'}.")


def requests(pod: Any) -> dict[str, Fraction]:
    """What a pod requests: all containers together, or the largest of those that run before them."""
    together: dict[str, Fraction] = {}
    for name, each in _requests(pod, "container"):
        together[name] = together.get(name, Fraction(0)) + each
    for name, each in _requests(pod, "init_container"):
        together[name] = max(together.get(name, Fraction(0)), each)
    return together


def _requests(pod: Any, kind: str) -> list[tuple[str, Fraction]]:
    found = []
    for each in _blocks(pod, kind):
        given = {**(first(each, "resources.limits") or {}), **(first(each, "resources.requests") or {})}
        found += [(name, parsed) for name, text in given.items() if (parsed := amount(str(text))) is not None]
    return found


def _blocks(pod: Any, name: str) -> list[dict[str, Any]]:
    found = pod.get(name) if isinstance(pod, dict) else None
    return found if isinstance(found, list) else []


def _pool(name: str, state: dict[str, Any]) -> Pool:
    def of(path: str) -> Any:
        value = first(state, f"node_config.{path}")
        return None if value is UNKNOWN else value

    machine = str(of("machine_type") or "e2-medium")
    accelerator = of("guest_accelerator.type")
    labels = {"cloud.google.com/gke-nodepool": name, "node.kubernetes.io/instance-type": machine}
    labels |= {"kubernetes.io/os": "linux", ARCHITECTURE: "arm64" if machine_families.is_arm(machine) else "amd64"}
    labels |= {"cloud.google.com/gke-accelerator": accelerator} if accelerator else {}
    labels |= {"cloud.google.com/gke-spot": "true"} if of("spot") else {}
    taints = [
        (str(each["key"]), str(each.get("value") or ""), _EFFECTS[each["effect"]])
        for each in of("taint") or []
        if each["effect"] in _EFFECTS
    ]
    if machine_families.is_arm(machine):
        # https://cloud.google.com/kubernetes-engine/docs/how-to/prepare-arm-workloads-for-deployment
        taints.append((ARCHITECTURE, "arm64", "NoSchedule"))
    if accelerator:
        # https://cloud.google.com/kubernetes-engine/docs/how-to/gpus#request_gpus
        taints.append(("nvidia.com/gpu", "present", "NoSchedule"))
    account = str(of("service_account") or "default")
    return Pool(
        name=name, labels=labels | (of("labels") or {}), taints=tuple(taints), room=_room(machine), account=account
    )


def _room(machine: str) -> dict[str, Fraction]:
    """What GKE leaves of a machine: https://cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes."""
    size = machine_families.size(machine)
    if size is None:
        return {}
    vcpus, gb = size
    cpu = vcpus - _reserved(vcpus, ((1, 0.06), (1, 0.01), (2, 0.005), (10**6, 0.0025)))
    memory = gb - _reserved(gb, ((4, 0.25), (4, 0.2), (8, 0.1), (112, 0.06), (10**6, 0.02))) - 0.1
    return {"cpu": Fraction(cpu), "memory": Fraction(memory) * 2**30}


def _reserved(whole: float, steps: tuple[tuple[float, float], ...]) -> float:
    reserved = 0.0
    for size, share in steps:
        reserved += max(0.0, min(whole, size)) * share
        whole -= size
    return reserved


def _against(pool: Pool, pod: Any) -> str | None:
    selector = first(pod, "node_selector") or {}
    if any(pool.labels.get(key) != value and _is_known(key) for key, value in selector.items()):
        return "node(s) didn't match Pod's node affinity/selector"
    tolerations = _blocks(pod, "toleration")
    for key, value, effect in pool.taints:
        if not any(_tolerates(each, key, value, effect) for each in tolerations):
            return f"node(s) had untolerated taint {{{key}: {value}}}"
    wanted = requests(pod)
    return next((f"Insufficient {name}" for name, room in pool.room.items() if wanted.get(name, 0) > room), None)


def _is_known(label: str) -> bool:
    """Whether it is known which nodes have it: of GKE's own labels, these."""
    return not label.startswith(_GIVEN) or label in _LABELS


def _tolerates(toleration: Any, key: str, value: str, effect: str) -> bool:
    """As component-helpers/scheduling/corev1: an empty key or effect stands for all."""
    if toleration.get("effect") not in (None, "", effect) or toleration.get("key") not in (None, "", key):
        return False
    return toleration.get("operator") == "Exists" or (toleration.get("value") or "") == value


def _provisioned(cloud: Cloud, cluster: Key, pod: Any) -> bool:
    """Whether GKE makes a pool for it: https://cloud.google.com/kubernetes-engine/docs/concepts/node-auto-provisioning."""
    own = cloud.get(cluster)
    if own is None or first(own.state, "cluster_autoscaling.enabled") is not True:
        return False
    tolerated = {str(key) for _, key in find(pod, "toleration.key")}
    if any(not key.startswith(_GIVEN) and key not in tolerated for key in first(pod, "node_selector") or {}):
        return False
    limits = _limits(own.state)
    wanted = requests(pod)
    return wanted.get("cpu", 0) <= limits.get("cpu", 0) and wanted.get("memory", 0) <= limits.get("memory", 0) * 2**30


def _limits(cluster: dict[str, Any]) -> dict[str, int]:
    scaling = cluster["cluster_autoscaling"][0]
    return {str(each["resource_type"]): each["maximum"] for each in scaling.get("resource_limits") or []}
