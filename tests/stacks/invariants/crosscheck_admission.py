"""Admission policies: in force, in the right namespace, and no pod of ours is refused by them."""

from collections.abc import Iterator
from typing import Any

from rehearsal.cloud.kubernetes import admission
from tests.stacks.invariants.pods import Pod
from tests.stacks.invariants.world import World

JOBS, STATEFUL_SETS, REPLICA_SETS = (
    f"system:serviceaccount:kube-system:{name}"
    for name in ("job-controller", "statefulset-controller", "replicaset-controller")
)
OWNERS = {"EventBus": ("StatefulSet", STATEFUL_SETS), "EventSource": ("ReplicaSet", REPLICA_SETS)}


def problems(world: World) -> Iterator[str]:
    policies = [each["metadata"]["name"] for each in world.of_kind(admission.POLICY)]
    for kind in (admission.POLICY, admission.BINDING):
        for each in world.of_kind(kind):
            yield from admission.problems(each, policies)
    for pod in world.pods:
        for refusal in admission.refusals(world.objects, _made(pod)):
            yield f"{pod.owner}: refused: {refusal}"
    for what, request in _wrong(world).items() if world.releases else ():
        if not list(admission.refusals(world.objects, request)):
            yield f"{what}: admitted"


def _made(pod: Pod) -> admission.Request:
    kind, user = OWNERS.get(pod.owner.partition(" ")[0], ("Job", JOBS))
    owners = [{"controller": True, "kind": kind, "name": "some"}]
    about = {"labels": pod.labels, "ownerReferences": owners}
    return admission.Request(
        user=user,
        operation="CREATE",
        resource="pods",
        namespace=pod.namespace,
        object={"metadata": about, "spec": pod.spec},
    )


def _wrong(world: World) -> dict[str, admission.Request]:
    """One for each policy: they are there where there are controllers."""
    spec: dict[str, Any] = {"serviceAccountName": "metaflow-sensor", "containers": [{"name": "main", "image": "any"}]}
    found = {
        "a task as sensors run": admission.Request(
            user=JOBS,
            operation="CREATE",
            resource="pods",
            namespace=world.jobs,
            object={"metadata": {}, "spec": spec},
        )
    }
    for name in _uncounted(world):
        found[f"a task of the class {name}"] = admission.Request(
            user=JOBS,
            operation="CREATE",
            resource="pods",
            namespace=world.jobs,
            object={
                "metadata": {},
                "spec": spec | {"serviceAccountName": "metaflow-tasks", "priorityClassName": name},
            },
        )
    if world.find("ServiceAccount", world.jobs, "metaflow-sensor"):
        found["a sensor as tasks run"] = admission.Request(
            user="ada@example.com",
            operation="CREATE",
            group="argoproj.io",
            resource="sensors",
            namespace=world.jobs,
            object={"metadata": {}, "spec": {"template": {"serviceAccountName": "metaflow-tasks"}}},
        )
    if world.find("ServiceAccount", "argo", "jobset-controller"):
        found["a job of JobSet's controller elsewhere"] = admission.Request(
            user="system:serviceaccount:argo:jobset-controller",
            operation="CREATE",
            group="batch",
            resource="jobs",
            namespace="metaflow",
            object={"metadata": {}, "spec": {}},
        )
    return found


def _uncounted(world: World) -> set[str]:
    """The priority classes that the quota leaves out."""
    return {
        name
        for quota in world.of_kind("ResourceQuota")
        for each in quota["spec"].get("scopeSelector", {}).get("matchExpressions", [])
        for name in each["values"]
    }
