"""Workloads: what their pods need to start."""

from collections.abc import Iterator
from itertools import chain, product
from typing import Any

from rehearsal.cloud.kubernetes import nodes, priorities
from rehearsal.cloud.kubernetes.kind import Kind, State
from rehearsal.cloud.kubernetes.names import metadata, named
from rehearsal.cloud.model import Cloud, Key, Object
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.walk import find, first

_NAMES = {
    "secret": ("volume.secret.secret_name", "image_pull_secrets.name", "volume.projected.sources.secret.name"),
    "config_map": ("volume.config_map.name", "volume.projected.sources.config_map.name"),
    "persistent_volume_claim": ("volume.persistent_volume_claim.claim_name",),
}


def labels(kind: Kind, state: State) -> dict[str, str]:
    """The labels of a workload's pods."""
    return dict(first(state, f"{kind.pods}metadata.labels", {}))


def check(cloud: Cloud, cluster: Key, kind: Kind, namespace: str, state: State) -> None:
    """Refuses a workload whose pods would never start."""
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
    pod = first(state, f"{kind.pods}spec", {})
    selector = first(pod, "node_selector", {})
    tolerated = {str(key) for _, key in find(pod, "toleration.key")}
    nodes.check(cloud, cluster, name, dict(selector) if isinstance(selector, dict) else {}, tolerated)
    priorities.check(cloud, cluster, name, first(pod, "priority_class_name", ""))
    for what, missing in _missing(cloud, cluster, namespace, pod):
        raise Refused(
            f'Waiting for rollout of {name} to finish: its pods do not start: {what} "{missing}" not found in '
            f"namespace {namespace}"
        )


def _missing(cloud: Cloud, cluster: Key, namespace: str, pod: Any) -> Iterator[tuple[str, str]]:
    """What the pods need and is not there: its sort and its name."""

    def absent(kind: str, name: str) -> bool:
        return named(cloud, cluster, kind, namespace, name) is None

    account = first(pod, "service_account_name", "") or "default"
    if account != "default" and absent("service_account", account):
        yield "serviceaccount", account
    for kind, places in _NAMES.items():
        for path, name in chain.from_iterable(find(pod, place) for place in places):
            if name and not _optional(pod, path) and absent(kind, name):
                yield kind.replace("_", ""), name
    for containers, kind in product(("init_container", "container"), ("secret", "config_map")):
        for _, references in find(pod, f"{containers}.env.value_from.{kind}_key_ref"):
            yield from _key(cloud, cluster, namespace, kind, references)
        for _, references in find(pod, f"{containers}.env_from.{kind}_ref"):
            needed = [each["name"] for each in references or [] if not each.get("optional")]
            yield from ((kind.replace("_", ""), name) for name in needed if absent(kind, name))


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
