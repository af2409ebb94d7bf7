"""Whether the parts of a platform fit together: everything that names something names what is there."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from tests.stacks.invariants import (
    crosscheck_access,
    crosscheck_admission,
    crosscheck_clients,
    crosscheck_metrics,
    selectors,
)
from tests.stacks.invariants.objects import Manifest
from tests.stacks.invariants.pods import Pod
from tests.stacks.invariants.world import World, what

IN_NO_NAMESPACE = {
    "Namespace",
    "ClusterRoleBinding",
    "PriorityClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
}
LISTENS_AT = re.compile(r"MF_(UI_)?METADATA_PORT")


def problems(world: World) -> list[str]:
    """All that does not fit."""
    return list(misfits(world))


def misfits(world: World) -> Iterator[str]:
    """One problem after the other, what takes longest to look for last; nothing is remembered of an earlier look."""
    world = replace(world)
    parts = (crosscheck_access, crosscheck_clients, crosscheck_admission, crosscheck_metrics)
    others = (part.problems for part in parts)
    for check in (_names, _namespaces, _services, _workloads, *others):
        yield from check(world)


def _names(world: World) -> Iterator[str]:
    count = Counter(what(each) for each in world.everything)
    yield from (f"{name}: declared {times} times" for name, times in count.items() if times > 1)


def _namespaces(world: World) -> Iterator[str]:
    there = selectors.namespaces(world.objects)
    for each in world.everything:
        if each["kind"] not in IN_NO_NAMESPACE and each["metadata"].get("namespace") not in there:
            yield f"{what(each)}: no such namespace"
    for release in world.releases:
        if release.namespace not in there:
            yield f"release {release.name}: no such namespace"
    empty = there.keys() - {each.namespace for each in world.pods} - {world.jobs}
    yield from (f"namespace {name}: nothing runs in it" for name in empty)


def _services(world: World) -> Iterator[str]:
    for each in world.of_kind("Service"):
        found = world.matching(each["metadata"]["namespace"], {"matchLabels": each["spec"]["selector"]})
        if len(found) != 1:
            yield f"{what(each)}: selects {[pod.owner for pod in found]}"
            continue
        for port in each["spec"]["ports"]:
            ports = found[0].ports
            # A name, or a number, which Terraform writes as a text.
            if str(port["targetPort"]) not in (*ports, *map(str, ports.values())):
                yield f"{what(each)}: its pods have no port {port['targetPort']}"


def _workloads(world: World) -> Iterator[str]:
    for each in (*world.of_kind("Deployment"), *world.of_kind("PodDisruptionBudget")):
        found = world.matching(each["metadata"]["namespace"], each["spec"]["selector"])
        if len(found) != 1:
            yield f"{what(each)}: selects {[pod.owner for pod in found]}"
    for pod in world.pods:
        yield from (f"{pod.owner}: {problem}" for problem in _of_pod(world, pod))


def _of_pod(world: World, pod: Pod) -> Iterator[str]:
    account = pod.spec.get("serviceAccountName", "default")
    # Kubernetes makes `default`.
    if account != "default" and not world.find("ServiceAccount", pod.namespace, account):
        yield f"no account {pod.spec.get('serviceAccountName')}"
    for spread in pod.spec.get("topologySpreadConstraints", []):
        if not selectors.matches(spread["labelSelector"], pod.labels):
            yield "spreads other pods"
    files = {}
    for volume in pod.spec.get("volumes", []):
        config_map = world.find("ConfigMap", pod.namespace, volume.get("configMap", {}).get("name", ""))
        if "configMap" in volume and not config_map:
            yield f"no config map {volume['configMap']['name']}"
        files[volume["name"]] = set(config_map["data"]) if config_map else set()
    for container in pod.containers:
        yield from (f"{container['name']}: {problem}" for problem in _of_container(world, pod, container, files))


def _of_container(world: World, pod: Pod, container: Manifest, files: dict[str, set[str]]) -> Iterator[str]:
    mounts = container.get("volumeMounts", [])
    yield from (f"no volume {each['name']}" for each in mounts if each["name"] not in files)
    mounted = {f"{each['mountPath']}/{file}" for each in mounts for file in files.get(each["name"], ())}
    for variable in container.get("env", []):
        name, value = variable["name"], variable.get("value")
        if "valueFrom" in variable:
            reference = variable["valueFrom"]["secretKeyRef"]
            secret = world.find("Secret", pod.namespace, reference["name"])
            if secret is None or reference["key"] not in secret["data"]:
                yield f"{name}: no key {reference['key']} in a secret {reference['name']}"
        if "_SSL_ROOT_CERT" in name and value not in mounted:
            yield f"{name}: no file {value}"
        if LISTENS_AT.fullmatch(name) and int(value) not in [each["containerPort"] for each in container["ports"]]:
            yield f"{name}: no port {value}"
    names = [each["name"] for each in container.get("ports", [])]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        if probe in container and container[probe]["httpGet"]["port"] not in names:
            yield f"{probe}: no port {container[probe]['httpGet']['port']}"
