"""What is deployed, whether it works, and what waits: asked of Kubernetes and of GKE's API."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from metaflow_gcp_tools.commands.status import admission, endpoint, pools, trouble, waiting, workloads
from metaflow_gcp_tools.commands.status.reading import ASK_ADMINS, ASK_USERS, Reader, Unknown
from metaflow_gcp_tools.commands.status.why import PATIENT, Waiting
from metaflow_gcp_tools.machine import current_context
from metaflow_gcp_tools.machine.current_context import CurrentContext
from metaflow_gcp_tools.platform.description import Platform
from metaflow_gcp_tools.problems import Problem

_ALIVE = "status.phase!=Succeeded,status.phase!=Failed"
"""What has ended stays for days, and is none of the platform's health."""

ARGO_SERVER = "argo-server"
"""The forward that a platform with Argo has."""

_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Service:
    """A Service that people reach by port forward."""

    name: str
    namespace: str
    service: str
    ready: bool | None
    """Whether a pod behind it is ready; `None`: cannot be seen."""


@dataclass(frozen=True, kw_only=True)
class Status:
    platform: Platform
    cluster: pools.Cluster | None
    nodes: dict[str, int] | None
    """Pool -> nodes now."""
    services: tuple[Service, ...]
    workloads: tuple[workloads.Workload, ...]
    migration: str | None
    """Of the metadata service's database: `done`, `running`, `failed` or `waiting`."""
    running: int | None
    """Pods of tasks."""
    waiting: tuple[Waiting, ...]
    endpoint: tuple[endpoint.Name, ...] | None
    """The names at which it answers on the internet; `None`: it has none."""
    current_context: CurrentContext
    """Where flows send their jobs without `metaflow-gcp run`."""
    unknown: tuple[Unknown, ...]
    problems: tuple[Problem, ...]
    """All there are; those of services first."""


class _Namespace:
    """What is in a namespace, as far as it can be seen."""

    def __init__(self, api: Any, reader: Reader, name: str, *, forwarded: bool) -> None:
        from kubernetes.client import AppsV1Api, CoreV1Api

        core, apps = CoreV1Api(api), AppsV1Api(api)
        self.name = name
        self._core, self._reader = core, reader
        self.pods = reader.all(f"pods in {name}", ASK_USERS, core.list_namespaced_pod, name, field_selector=_ALIVE)
        # Where nothing is reached by port forward, users may not see services.
        self.services = (
            reader.all(f"services in {name}", ASK_USERS, core.list_namespaced_service, name) if forwarded else []
        )
        declared = reader.all(f"deployments in {name}", ASK_ADMINS, apps.list_namespaced_deployment, name)
        if declared is not None:
            declared += (
                reader.all(f"stateful sets in {name}", ASK_ADMINS, apps.list_namespaced_stateful_set, name) or []
            )
        self.declared = declared or []

    def here(self) -> list[Any]:
        """Pods that are not on their way out."""
        return [pod for pod in self.pods or () if pod.metadata.deletion_timestamp is None]

    def events(self) -> list[Any]:
        """In the order in which they happened; Kubernetes keeps them for an hour."""
        found = self._reader.all(f"events in {self.name}", ASK_ADMINS, self._core.list_namespaced_event, self.name)
        return sorted(found or (), key=lambda event: event.last_timestamp or event.event_time or _EARLIEST)


def check(platform: Platform, api: Any) -> Status:
    """Ask. Raises `CommandFailed` when the cluster does not answer."""
    from kubernetes.client import CoreV1Api

    reader = Reader(platform.cluster_name)
    found = pools.cluster(platform)
    if isinstance(found, Unknown):
        reader.unknown.append(found)
    cluster = None if isinstance(found, Unknown) else found
    forwarded = {each.namespace: None for each in platform.forwards}
    namespaces = {
        name: _Namespace(api, reader, name, forwarded=name in forwarded)
        for name in dict.fromkeys([platform.services_namespace, *forwarded, platform.jobs_namespace])
    }
    of_services = [each for namespace in namespaces.values() for each in _workloads(namespace)]
    services = tuple(_services(platform, namespaces))
    has_argo = any(each.name == ARGO_SERVER for each in platform.forwards)
    running, waits = _tasks(namespaces[platform.jobs_namespace], api, reader, cluster, has_argo=has_argo)
    names = endpoint.look(platform.endpoint) if platform.endpoint else None
    nodes = reader.all("nodes", ASK_ADMINS, CoreV1Api(api).list_node)
    return Status(
        platform=platform,
        cluster=cluster,
        nodes=None if nodes is None else pools.nodes_of(nodes),
        services=services,
        workloads=tuple(of_services),
        migration=workloads.migration(namespaces[platform.services_namespace].here()),
        running=running,
        waiting=tuple(waits),
        endpoint=names,
        current_context=current_context.of_client(platform),
        unknown=tuple(dict.fromkeys(reader.unknown)),
        problems=(
            *(problem for each in of_services for problem in each.problems),
            *_unreachable(services, namespaces),
            *(endpoint.problems(platform.endpoint, names) if platform.endpoint and names else ()),
            *_of_cluster(cluster, nodes or ()),
            *_blocked(waits, platform.jobs_namespace),
        ),
    )


def _workloads(namespace: _Namespace) -> list[workloads.Workload]:
    pods = namespace.here()
    found = workloads.workloads(pods, namespace.declared, ())
    if all(each.healthy for each in found):
        return found
    # Only now: there are many, and not everybody may read them.
    return workloads.workloads(pods, namespace.declared, namespace.events())


def _services(platform: Platform, namespaces: dict[str, _Namespace]) -> Iterator[Service]:
    for forward in platform.forwards:
        namespace = namespaces[forward.namespace]
        ready: bool | None = None
        if namespace.services is not None and namespace.pods is not None:
            ready = any(map(workloads.is_ready, _behind(namespace, forward.service)))
        yield Service(name=forward.name, namespace=forward.namespace, service=forward.service, ready=ready)


def _behind(namespace: _Namespace, service: str) -> list[Any]:
    """The pods that a Service sends to."""
    selector = next(
        (each.spec.selector or {} for each in namespace.services or () if each.metadata.name == service), {}
    )
    if not selector:
        return []
    return [pod for pod in namespace.here() if selector.items() <= (pod.metadata.labels or {}).items()]


def _unreachable(services: Sequence[Service], namespaces: dict[str, _Namespace]) -> Iterator[Problem]:
    """Services that are not there, or that nothing stands behind: what is wrong with pods is told with these."""
    if all(service.ready is None for service in services):
        yield Problem(
            what="you may not see anything of the platform, so it is not known whether it is healthy",
            next_step=ASK_USERS,
        )
    for service in services:
        namespace = namespaces[service.namespace]
        if service.ready is False and not _behind(namespace, service.service):
            there = any(each.metadata.name == service.service for each in namespace.services or ())
            lacks = "has no pod" if there else "does not exist"
            yield Problem(
                what=f"{service.name}: the service {service.namespace}/{service.service} {lacks}",
                next_step="deploy the stack `services` again: `make deploy`; if it was redeployed: "
                "`metaflow-gcp configure`",
            )


def _of_cluster(cluster: pools.Cluster | None, nodes: Sequence[Any]) -> Iterator[Problem]:
    if cluster and cluster.status in {"ERROR", "DEGRADED", "STOPPING"}:
        yield Problem(
            what=f"GKE reports the cluster as {cluster.status}: {trouble.tidy(cluster.message) or 'no reason given'}",
            next_step="see the cluster's page in the console: https://console.cloud.google.com/kubernetes/list",
        )
    for pool in cluster.pools if cluster else ():
        if pool.status in {"ERROR", "RUNNING_WITH_ERROR"}:
            said = "; ".join(trouble.tidy(message) or code for code, message in pool.conditions)
            yield Problem(
                what=f"GKE reports the pool {pool.name} as {pool.status}: {said or 'no reason given'}",
                next_step=f"see `gcloud container node-pools describe {pool.name}`",
            )
    for node in pools.not_ready(nodes):
        yield Problem(what=f"node {node}", next_step="wait: GKE repairs nodes by itself within some ten minutes")


def _tasks(
    namespace: _Namespace, api: Any, reader: Reader, cluster: pools.Cluster | None, *, has_argo: bool
) -> tuple[int | None, list[Waiting]]:
    """How many run, and what the others wait for."""
    if namespace.pods is None:
        return None, []
    tasks = [pod for pod in namespace.here() if not workloads.is_service(pod)]
    pending = [pod for pod in tasks if pod.status.phase == "Pending"]
    events = namespace.events()
    return len(tasks) - len(pending), [
        *admission.never_made(_refused(namespace, api, reader, events)),
        *(admission.never_made(_refused_workflows(namespace, api, reader)) if has_argo else ()),
        *waiting.waiting(pending, events, cluster),
    ]


def _refused(namespace: _Namespace, api: Any, reader: Reader, events: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Tasks that Kubernetes makes no pod for, with what it says."""
    from kubernetes.client import BatchV1Api

    refused = {
        event.involved_object.name: event.message
        for event in events
        if event.reason == "FailedCreate" and event.involved_object.kind == "Job"
    }
    if refused:
        for job in (
            reader.all(f"jobs in {namespace.name}", ASK_USERS, BatchV1Api(api).list_namespaced_job, namespace.name)
            or ()
        ):
            # The event stays when the pod was made after all.
            if job.metadata.name in refused and not (job.status.active or job.status.conditions):
                yield job.metadata.name, refused[job.metadata.name]


def _refused_workflows(namespace: _Namespace, api: Any, reader: Reader) -> Iterator[tuple[str, str]]:
    """The same of workflows: a node of one says it itself."""
    from kubernetes.client import CustomObjectsApi

    workflows = reader.all(
        f"workflows in {namespace.name}",
        ASK_USERS,
        CustomObjectsApi(api).list_namespaced_custom_object,
        *("argoproj.io", "v1alpha1", namespace.name, "workflows"),
        label_selector="workflows.argoproj.io/completed!=true",
    )
    for workflow in workflows or ():
        for node in workflow.get("status", {}).get("nodes", {}).values():
            if node.get("phase") == "Pending" and "is forbidden" in node.get("message", ""):
                yield node["name"], node["message"]


def _blocked(waits: Sequence[Waiting], namespace: str) -> Iterator[Problem]:
    for each in waits:
        if each.why.reason not in PATIENT:
            count = len(each.tasks)
            which = each.tasks[0] if count == 1 else f"{count} tasks ({each.tasks[0]}, ...)"
            yield Problem(what=f"{namespace}: {which} cannot start: {each.why.what}", next_step=each.why.next_step)
