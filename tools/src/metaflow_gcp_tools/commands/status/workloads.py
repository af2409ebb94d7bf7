"""The platform's own services: how many pods they have, of which version, and what is wrong with them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from metaflow_gcp_tools.commands.status import trouble
from metaflow_gcp_tools.problems import Problem

CONTROLLERS = ("ReplicaSet", "StatefulSet", "DaemonSet")
"""What owns the pods of services; tasks belong to Jobs and Workflows."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """A Deployment or a StatefulSet."""

    namespace: str
    name: str
    ready: int
    """Pods."""
    wanted: int
    """Pods; as many as there are, for who may not see the Deployment."""
    images: tuple[str, ...]
    """With their tags: the versions that run."""
    chart: str | None
    """The Helm chart and its version that it comes from."""
    problems: tuple[Problem, ...] = field(default=())

    @property
    def healthy(self) -> bool:
        return self.ready >= self.wanted and not self.problems


def is_service(pod: Any) -> bool:
    return owner(pod)[0] in CONTROLLERS


def owner(pod: Any) -> tuple[str, str]:
    """Kind and name of what made the pod; of a Deployment's pod, ReplicaSet and the Deployment's name."""
    for reference in pod.metadata.owner_references or ():
        if reference.controller:
            template = (pod.metadata.labels or {}).get("pod-template-hash", "")
            return reference.kind, reference.name.removesuffix(f"-{template}")
    return "", pod.metadata.name


def is_ready(pod: Any) -> bool:
    return any(each.type == "Ready" and each.status == "True" for each in pod.status.conditions or ())


def workloads(pods: Iterable[Any], declared: Iterable[Any], events: Sequence[Any]) -> list[Workload]:
    """Of one namespace. `declared`: its Deployments and StatefulSets, as far as they can be seen."""
    pods_of: dict[str, list[Any]] = {}
    for pod in pods:
        if is_service(pod):
            pods_of.setdefault(owner(pod)[1], []).append(pod)
    declared_by = {each.metadata.name: each for each in declared}
    return [
        _workload(name, declared_by.get(name), pods_of.get(name, []), events)
        for name in sorted({*pods_of, *declared_by})
    ]


def _workload(name: str, declared: Any, pods: list[Any], events: Sequence[Any]) -> Workload:
    described = declared or pods[0]
    spec = declared.spec.template.spec if declared else pods[0].spec
    ready = sum(map(is_ready, pods))
    wanted = declared.spec.replicas if declared else len(pods)
    problems = tuple({problem: None for pod in pods if (problem := trouble.of(pod, events))})
    if ready < wanted and not problems:
        what = f"{described.metadata.namespace}/{name}: {ready} of {wanted} pods are ready"
        problems = (_short(what, described.metadata.namespace, name, pods, events),)
    return Workload(
        namespace=described.metadata.namespace,
        name=name,
        ready=ready,
        wanted=wanted,
        images=tuple(dict.fromkeys(container.image for container in spec.containers)),
        chart=(described.metadata.labels or {}).get("helm.sh/chart"),
        problems=problems,
    )


def _short(what: str, namespace: str, name: str, pods: list[Any], events: Sequence[Any]) -> Problem:
    """Too few pods, and nothing wrong with those that are there."""
    refused = [
        event.message
        for event in events
        if event.reason == "FailedCreate" and event.involved_object.name.startswith(name)
    ]
    if not pods and refused:
        return Problem(
            what=f"{what}: {trouble.tidy(refused[-1])}", next_step="deploy the stack `services` again: `make deploy`"
        )
    if _migrating(pods):
        return Problem(
            what=f"{what}: the database is being migrated",
            next_step=f"wait, and do not stop it; `kubectl logs --namespace {namespace} deployment/{name} "
            f"--container {trouble.MIGRATION}` shows its progress",
        )
    unscheduled = [
        condition.message
        for pod in pods
        for condition in pod.status.conditions or ()
        if condition.type == "PodScheduled" and condition.status == "False"
    ]
    if unscheduled:
        return Problem(
            what=f"{what}: no node has room: {trouble.tidy(unscheduled[0])}",
            next_step="raise `cluster.system_pool.max_nodes` and deploy; `metaflow-gcp preflight` shows the quotas",
        )
    return Problem(
        what=what,
        next_step=f"retry in a minute; if nothing changes: `kubectl describe pods --namespace {namespace}`",
    )


def _migrating(pods: Iterable[Any]) -> bool:
    return any(
        container.name == trouble.MIGRATION and container.state.running
        for pod in pods
        for container in pod.status.init_container_statuses or ()
    )


def migration(pods: Iterable[Any]) -> str | None:
    """`done`, `running`, `failed` or `waiting`, as the newest pod with a migration has it; `None`: there is none."""
    states = [
        container.state
        for pod in sorted(pods, key=lambda pod: pod.metadata.creation_timestamp)
        for container in pod.status.init_container_statuses or ()
        if container.name == trouble.MIGRATION
    ]
    if not states:
        return None
    newest = states[-1]
    if newest.terminated:
        return "failed" if newest.terminated.exit_code else "done"
    if newest.running:
        return "running"
    return "failed" if newest.waiting and newest.waiting.reason == "CrashLoopBackOff" else "waiting"
