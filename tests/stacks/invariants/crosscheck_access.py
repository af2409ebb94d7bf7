"""Policies, roles and accounts: whether they are about what is there."""

import re
from collections.abc import Iterator
from typing import Any

from rehearsal.cloud import charts
from tests.stacks.invariants import selectors
from tests.stacks.invariants.crosscheck_metrics import NAMESPACES as COLLECTORS
from tests.stacks.invariants.objects import Release
from tests.stacks.invariants.pods import OF_A_SOURCE, Pod
from tests.stacks.invariants.world import World, what

# Metaflow starts a sensor for each deployed flow with @trigger.
SENSOR_LABELS = charts.makes()["Sensor"]["labels"]
OF_KUBERNETES = {"", "apps", "batch", "policy"}


def problems(world: World) -> Iterator[str]:
    yield from _policies(world)
    yield from _reach(world)
    yield from _bindings(world)
    yield from _rules(world)
    yield from _accounts(world)


def _policies(world: World) -> Iterator[str]:
    for each in world.of_kind("NetworkPolicy"):
        namespace, spec = each["metadata"]["namespace"], each["spec"]
        yield from (f"{what(each)}: {problem}" for problem in _of_policy(world, namespace, spec))
    closed = {
        each["metadata"]["namespace"] for each in world.of_kind("NetworkPolicy") if not each["spec"]["podSelector"]
    }
    for pod in world.pods:
        if not selectors.policies_of(world.objects, pod):
            yield f"{pod.owner}: open to all"
        if not pod.owner.startswith("release ") and pod.namespace not in closed:
            yield f"namespace {pod.namespace}: open to all, but for what has a policy of its own"


def _reach(world: World) -> Iterator[str]:
    """What has to get through; what must not is in test_reach.py."""
    task = Pod(owner="another task", namespace=world.jobs, labels={}, spec={"containers": []})
    wanted: list[Any] = [(task, {}, 1024)]
    told = " ".join(value for key, value in world.profile.items() if "INTERNAL" in key)
    for name, namespace, port in re.findall(r"//([\w-]+)\.([\w-]+):(\d+)", told):
        service = world.find("Service", namespace, name)
        found = world.matching(namespace, {"matchLabels": service["spec"]["selector"]}) if service else []
        wanted += [(pod, {}, int(port)) for pod in found]
    for bus in (pod for pod in world.pods if pod.owner.startswith("EventBus")):
        clients = [pod.labels for pod in world.pods if pod.owner.startswith("EventSource")]
        wanted += [(bus, labels, bus.ports["client"]) for labels in (*clients, SENSOR_LABELS)]
    for pod, labels, port in wanted:
        if not selectors.lets_in(world.objects, pod, port, world.jobs, labels):
            yield f"{pod.owner}: lets in no {labels or 'task'} at {port}"
    ready = [pod for pod in world.pods if pod.owner == "Job metaflow-events-ready"]
    for webhook in (pod for pod in world.pods if pod.owner.startswith("EventSource")):
        for pod in ready:
            [port] = [port for name, port in webhook.ports.items() if name not in OF_A_SOURCE]
            if not selectors.lets_in(world.objects, webhook, port, pod.namespace, pod.labels):
                yield f"{webhook.owner}: does not let in {pod.owner} at {port}"


def _of_policy(world: World, namespace: str, spec: dict[str, Any]) -> Iterator[str]:
    selector = spec["podSelector"]
    found = world.matching(namespace, selector)
    owners = {pod.owner.partition(":")[0] for pod in found}
    if "matchLabels" in selector and len(owners) != 1:
        yield f"is for {owners}"
    for expression in selector.get("matchExpressions", []):
        given = {made["labels"].get(expression["key"]) for made in charts.makes().values()}
        yield from (f"no controller gives {value}" for value in expression["values"] if value not in given)
    answering = {port for pod in found for port in pod.ports.values()}
    for rule in spec.get("ingress", []):
        ports = [port["port"] for port in rule.get("ports", [])]
        yield from (f"none of its pods answers at {port}" for port in ports if port not in answering)
        for peer in rule.get("from", []):
            if not _is_there(world, namespace, peer):
                yield f"nobody is {peer}"


def _is_there(world: World, namespace: str, peer: dict[str, Any]) -> bool:
    if "ipBlock" in peer:
        # Comes from outside, by a port of the nodes.
        return any(each["spec"].get("type") == "NodePort" for each in world.of_kind("Service"))
    if "namespaceSelector" in peer:
        namespaces = [*selectors.namespaces(world.objects).values()]
        namespaces += [{"kubernetes.io/metadata.name": name} for name in COLLECTORS]
        return any(selectors.matches(peer["namespaceSelector"], labels) for labels in namespaces)
    selector = peer["podSelector"]
    return bool(not selector or world.matching(namespace, selector) or selectors.matches(selector, SENSOR_LABELS))


def _bindings(world: World) -> Iterator[str]:
    bound = set()
    for each in world.of_kind("RoleBinding"):
        namespace, role = each["metadata"]["namespace"], each["roleRef"]
        bound.add((namespace, role["name"]))
        if role["kind"] != "Role" or not world.find("Role", namespace, role["name"]):
            yield f"{what(each)}: no role {role['name']}"
        for subject in each["subjects"]:
            is_account = subject["kind"] == "ServiceAccount"
            if is_account and not world.find("ServiceAccount", subject["namespace"], subject["name"]):
                yield f"{what(each)}: no account {subject['namespace']}/{subject['name']}"
    for each in world.of_kind("Role"):
        if (each["metadata"]["namespace"], each["metadata"]["name"]) not in bound:
            yield f"{what(each)}: bound to nobody"


def _rules(world: World) -> Iterator[str]:
    kinds = {
        definition.name
        for release in world.releases
        for definition in charts.definitions(release.chart, release.values)
    }
    for each in world.of_kind("Role"):
        for rule in each["rules"]:
            for group in set(rule["apiGroups"]) - OF_KUBERNETES:
                for resource in rule["resources"]:
                    if f"{resource.partition('/')[0]}.{group}" not in kinds:
                        yield f"{what(each)}: nothing defines {resource}.{group}"
            # The Secret that Argo's controller asks for need not be there.
            for name in rule.get("resourceNames", []) if rule["resources"] == ["configmaps"] else ():
                if not world.find("ConfigMap", each["metadata"]["namespace"], name):
                    yield f"{what(each)}: no config map {name}"


def _accounts(world: World) -> Iterator[str]:
    """Each is somebody's: a pod's, or one that the profile or Argo's defaults for workflows name."""
    profile = world.profile
    used = {(pod.namespace, pod.spec.get("serviceAccountName")) for pod in world.pods} | {
        (world.jobs, profile.get(key))
        for key in ("METAFLOW_KUBERNETES_SERVICE_ACCOUNT", "METAFLOW_ARGO_EVENTS_SERVICE_ACCOUNT")
    }
    for release in (each for each in world.releases if each.name == "argo-workflows"):
        yield from _of_workflows(world, release)
        used.add((world.jobs, _defaults(release)["serviceAccountName"]))
    for each in world.of_kind("ServiceAccount"):
        if (each["metadata"]["namespace"], each["metadata"]["name"]) not in used:
            yield f"{what(each)}: nobody runs as it"


def _defaults(release: Release) -> dict[str, Any]:
    return dict(release.values["controller"]["workflowDefaults"]["spec"])


def _of_workflows(world: World, release: Release) -> Iterator[str]:
    """Argo's own containers find a token of their account, in the Secret that Argo looks for."""
    executor = _defaults(release)["executor"]["serviceAccountName"]
    for account in (executor, _defaults(release)["serviceAccountName"]):
        if not world.find("ServiceAccount", world.jobs, account):
            yield f"release {release.name}: no account {world.jobs}/{account}"
    tokens = {
        (each["metadata"]["namespace"], each["metadata"]["name"]): each["metadata"]["annotations"]
        for each in release.values["extraObjects"]
    }
    found = tokens.get((world.jobs, f"{executor}.service-account-token"))
    if found != {"kubernetes.io/service-account.name": executor}:
        yield f"release {release.name}: no token of {world.jobs}/{executor}"
