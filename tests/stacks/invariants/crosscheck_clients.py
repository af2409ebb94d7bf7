"""What people and tasks are told, and what controllers are told: whether it is there."""

import re
from collections.abc import Iterator
from typing import Any

from tests.stacks.invariants.world import World, what

URL = re.compile(r"http://([\w.-]+):(\d+)")
HERE = "127.0.0.1"
# GKE's own, on every cluster. https://cloud.google.com/kubernetes-engine/docs/concepts/persistent-volumes
STORAGE_CLASSES = {"standard-rwo", "premium-rwo"}
LIMITS = ("ResourceQuota", "LimitRange")


def problems(world: World) -> Iterator[str]:
    yield from _profile(world)
    yield from _urls_in_pods(world)
    yield from _urls_in_profile(world)
    yield from _forwards(world)
    yield from _events(world)
    yield from _controllers(world)
    for kind in LIMITS:
        for each in world.of_kind(kind):
            if each["metadata"]["namespace"] != world.jobs:
                yield f"{what(each)}: limits nobody's tasks"


def _profile(world: World) -> Iterator[str]:
    for key, kind in (
        ("KUBERNETES_SERVICE_ACCOUNT", "ServiceAccount"),
        ("ARGO_EVENTS_SERVICE_ACCOUNT", "ServiceAccount"),
        ("ARGO_EVENTS_EVENT_BUS", "EventBus"),
        ("ARGO_EVENTS_EVENT_SOURCE", "EventSource"),
    ):
        name = world.profile.get(f"METAFLOW_{key}")
        if name is not None and not world.find(kind, world.jobs, name):
            yield f"profile {key}: no {kind} {name} in {world.jobs}"
    if not world.find("Namespace", None, world.jobs):
        yield f"profile: no namespace {world.jobs}"
    source = world.find("EventSource", world.jobs, world.profile.get("METAFLOW_ARGO_EVENTS_EVENT_SOURCE", ""))
    for key in ("WEBHOOK_URL", "INTERNAL_WEBHOOK_URL"):
        url = world.profile.get(f"METAFLOW_ARGO_EVENTS_{key}")
        webhook = source["spec"]["webhook"].get(world.profile["METAFLOW_ARGO_EVENTS_EVENT"]) if source else None
        if url is not None and (webhook is None or not url.endswith(f":{webhook['port']}{webhook['endpoint']}")):
            yield f"profile {key}: {url} is not where the event is taken"


def _urls_in_pods(world: World) -> Iterator[str]:
    for pod, container in ((each, container) for each in world.pods for container in each.containers):
        texts = [each.get("value", "") for each in container.get("env", [])] + container.get("args", [])
        own = [each["containerPort"] for each in container.get("ports", [])]
        for host, port in (found for text in texts for found in URL.findall(text)):
            if not (int(port) in own if host == HERE else _answers(world, host, int(port), pod.namespace)):
                yield f"{pod.owner}: nothing answers at {host}:{port}"


def _urls_in_profile(world: World) -> Iterator[str]:
    local = [each["port"] for each in world.forwards]
    for key, value in world.profile.items():
        for host, port in URL.findall(value):
            # Read in every namespace: a Service's name alone leads nowhere.
            if not (int(port) in local if host == HERE else "." in host and _answers(world, host, int(port), "")):
                yield f"profile {key}: nothing answers at {host}:{port}"


def _answers(world: World, host: str, port: int, home: str) -> bool:
    name, _, namespace = host.partition(".")
    service = world.find("Service", namespace or home, name)
    return service is not None and port in [each["port"] for each in service["spec"]["ports"]]


def _forwards(world: World) -> Iterator[str]:
    for each in world.forwards:
        if not _answers(world, f"{each['service']}.{each['namespace']}", each["port"], ""):
            yield f"forward {each['name']}: nothing answers"
    local = {int(port) for value in world.profile.values() for host, port in URL.findall(value) if host == HERE}
    # With an endpoint, the profile leads people there; the forward is there all the same.
    pages = {"metaflow-ui": "METAFLOW_UI_URL", "argo-server": "METAFLOW_ARGO_WORKFLOWS_UI_URL"}
    for each in world.forwards:
        page = world.profile.get(pages.get(each["name"], ""), "")
        if each["port"] not in local and not page.startswith("https://"):
            yield f"forward {each['name']}: not in the profile"


def _events(world: World) -> Iterator[str]:
    for each in world.of_kind("EventSource"):
        if not world.find("EventBus", each["metadata"]["namespace"], each["spec"]["eventBusName"]):
            yield f"{what(each)}: no bus {each['spec']['eventBusName']}"
    for each in world.of_kind("EventBus"):
        jetstream = each["spec"]["jetstream"]
        known = [version["version"] for version in _values(world, "argo-events")["configs"]["jetstream"]["versions"]]
        if jetstream["version"] not in known:
            yield f"{what(each)}: the controller does not know the version {jetstream['version']}"
        own = {found["metadata"]["name"] for found in world.of_kind("StorageClass")}
        if jetstream["persistence"]["storageClassName"] not in STORAGE_CLASSES | own:
            yield f"{what(each)}: GKE has no class {jetstream['persistence']['storageClassName']}"


def _controllers(world: World) -> Iterator[str]:
    """They manage the jobs' namespace, and have their rights there."""
    managed = []
    for name in ("controller", "server"):
        part = _values(world, "argo-workflows").get(name, {"extraArgs": []})
        managed += [argument.partition("--managed-namespace=")[2] for argument in part["extraArgs"]]
    events = _values(world, "argo-events")
    if events:
        managed.append(events["controller"]["rbac"]["managedNamespace"])
    yield from (f"a controller manages {each}, not {world.jobs}" for each in managed if each != world.jobs)
    for pod in world.pods:
        # JobSet's chart brings cluster-wide rights of its own.
        if pod.owner.startswith("release argo-"):
            account = {"kind": "ServiceAccount", "namespace": pod.namespace, "name": pod.spec["serviceAccountName"]}
            bindings = [each for each in world.of_kind("RoleBinding") if account in each["subjects"]]
            if world.jobs not in [each["metadata"]["namespace"] for each in bindings]:
                yield f"{pod.owner}: has no rights in {world.jobs}"


def _values(world: World, release: str) -> dict[str, Any]:
    return next((each.values for each in world.releases if each.name == release), {})
