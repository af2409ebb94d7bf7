"""Workloads: whether the API server takes them, and whether their pods ever become ready."""

from collections.abc import Iterator
from itertools import chain, product
from typing import Any

from rehearsal.cloud.kubernetes import images, limits, metaflow_service, pod_security, pods, priorities, scheduling
from rehearsal.cloud.kubernetes.events import Event
from rehearsal.cloud.kubernetes.kind import Kind, State
from rehearsal.cloud.kubernetes.names import metadata, named
from rehearsal.cloud.model import Cloud, Key, Object
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.values import UNKNOWN
from rehearsal.protocol.walk import find, first

_NAMES = {
    "secret": ("volume.secret.secret_name", "image_pull_secrets.name", "volume.projected.sources.secret.name"),
    "config_map": ("volume.config_map.name", "volume.projected.sources.config_map.name"),
    "persistent_volume_claim": ("volume.persistent_volume_claim.claim_name",),
}


def labels(kind: Kind, state: State) -> dict[str, str]:
    """The labels of a workload's pods."""
    found = first(state, f"{kind.pods}metadata.labels")
    return dict(found) if isinstance(found, dict) else {}


def pod_of(kind: Kind, state: State) -> dict[str, Any]:
    """The specification of its pods, as the provider writes it."""
    spec = first(state, f"{kind.pods}spec", {})
    found = spec[0] if isinstance(spec, list) and spec else spec
    return found if isinstance(found, dict) else {}


def check(kind: Kind, namespace: str, state: State) -> None:
    """Refuses what the API server refuses."""
    name = f"{kind.type.removeprefix('kubernetes_').replace('_', ' ')} {namespace}/{metadata(state).get('name')}"
    if kind.matched:
        selector = dict(first(state, "spec.selector.match_labels", {}))
        if not selector.items() <= labels(kind, state).items():
            raise Refused(
                f"{name} is invalid: spec.template.metadata.labels: Invalid value: {labels(kind, state)}: "
                "`selector` does not match template `labels`",
                f"The selector is {selector}.",
                path=("spec", 0, "selector"),
            )
    for problem in pods.invalid(pod_of(kind, state)):
        raise Refused(f"{name} is invalid: spec.template.spec.{problem}", path=("spec",))


def events(cloud: Cloud, cluster: Key, kind: Kind, namespace: str, state: State) -> list[Event]:
    """Why its pods do not become ready; nothing where they do."""
    pod, key = pod_of(kind, state), metadata(state).get("name")
    others = list(running(cloud, cluster, namespace, without=str(key)))
    found: list[Event | None] = [
        pod_security.event(cloud, cluster, namespace, pod),
        *limits.events(cloud, cluster, namespace, pod, others),
        priorities.event(cloud, cluster, pod),
        *_missing(cloud, cluster, namespace, pod),
        scheduling.event(cloud, cluster, pod),
        *images.events(cloud, cluster, pod),
        *pods.events(pod),
        *metaflow_service.events(cloud, cluster, namespace, labels(kind, state), pod),
    ]
    return list(dict.fromkeys(each for each in found if each))


def running(cloud: Cloud, cluster: Key, namespace: str, *, without: str = "") -> Iterator[State]:
    """The pods of a namespace's workloads, one by one."""
    from rehearsal.cloud.kubernetes.kinds import KINDS

    for kind in KINDS.values():
        for each in cloud.all(kind.type, cluster.id) if kind.pods is not None else ():
            about = metadata(each.state)
            if about.get("namespace") == namespace and about.get("name") != without:
                yield from [pod_of(kind, each.state)] * replicas(each.state)


def replicas(state: State) -> int:
    found = first(state, "spec.replicas")
    return 1 if found in (None, UNKNOWN, "") else int(found)


def _missing(cloud: Cloud, cluster: Key, namespace: str, pod: Any) -> Iterator[Event]:
    """What the pods need and is not there."""
    for reason, what, name in chain(
        _for_the_pod(cloud, cluster, namespace, pod), _for_variables(cloud, cluster, namespace, pod)
    ):
        yield Event(reason=reason, message=f'{what} "{name}" not found in namespace {namespace}')


def _for_the_pod(cloud: Cloud, cluster: Key, namespace: str, pod: Any) -> Iterator[tuple[str, str, str]]:
    account = first(pod, "service_account_name", "") or "default"
    if account != "default" and named(cloud, cluster, "service_account", namespace, account) is None:
        yield "FailedCreate", "serviceaccount", account
    for kind, places in _NAMES.items():
        reason = "FailedScheduling" if kind == "persistent_volume_claim" else "FailedMount"
        for path, name in chain.from_iterable(find(pod, place) for place in places):
            if name and not _optional(pod, path) and named(cloud, cluster, kind, namespace, name) is None:
                yield reason, kind.replace("_", ""), name


def _for_variables(cloud: Cloud, cluster: Key, namespace: str, pod: Any) -> Iterator[tuple[str, str, str]]:
    reason = "CreateContainerConfigError"
    for containers, kind in product(("init_container", "container"), ("secret", "config_map")):
        for _, references in find(pod, f"{containers}.env.value_from.{kind}_key_ref"):
            for what, name in _key(cloud, cluster, namespace, kind, references):
                yield reason, what, name
        for _, references in find(pod, f"{containers}.env_from.{kind}_ref"):
            for name in [each["name"] for each in references or [] if not each.get("optional")]:
                if named(cloud, cluster, kind, namespace, name) is None:
                    yield reason, kind.replace("_", ""), name


def _key(cloud: Cloud, cluster: Key, namespace: str, kind: str, references: Any) -> Iterator[tuple[str, str]]:
    for each in references or []:
        if each.get("optional"):
            continue
        found = named(cloud, cluster, kind, namespace, each["name"])
        if found is None:
            yield kind.replace("_", ""), each["name"]
        elif each["key"] not in keys(found):
            yield f"key {each['key']} of {kind.replace('_', '')}", each["name"]


def keys(found: Object) -> set[str]:
    """The keys that a secret or a config map holds.

    What was written without being kept in the state is not seen: all are allowed.
    """
    state = found.state
    if state.get("data_wo_revision") is not None:
        return _Every()
    return {*(state.get("data") or {}), *(state.get("binary_data") or {})}


class _Every(set[str]):
    def __contains__(self, item: object) -> bool:
        return True


def _optional(pod: Any, path: tuple[Any, ...]) -> bool:
    for step in path[:-1]:
        pod = pod[step]
    return bool(isinstance(pod, dict) and pod.get("optional"))
