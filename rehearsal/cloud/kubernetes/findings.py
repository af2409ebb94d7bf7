"""What works on paper and does nothing, or permits too much: services that select no pods, bindings to nobody."""

from collections.abc import Iterator
from typing import Any

from rehearsal.cloud.google import calls, features
from rehearsal.cloud.kubernetes import profile, reach, rights
from rehearsal.cloud.kubernetes.kinds import KINDS
from rehearsal.cloud.kubernetes.names import metadata, path
from rehearsal.cloud.kubernetes.workloads import events, labels
from rehearsal.cloud.model import Cloud, Key, Object
from rehearsal.protocol.walk import first


def findings(cloud: Cloud) -> list[str]:
    return [
        *_selecting_nothing(cloud),
        *_binding_nobody(cloud),
        *_letting_nothing_run(cloud),
        *_not_starting_again(cloud),
        *reach.findings(cloud),
        *profile.findings(cloud),
        *rights.needless(cloud),
        *calls.needless(cloud),
        *features.findings(cloud),
    ]


def too_little(cloud: Cloud) -> list[str]:
    """What somebody calls and may not: the platform is there, and does not work."""
    return [*rights.missing(cloud), *calls.missing(cloud)]


def _selecting_nothing(cloud: Cloud) -> Iterator[str]:
    carriers = [kind for kind in KINDS.values() if kind.pods is not None]
    pods = [(_place(each), labels(kind, each.state)) for kind in carriers for each in cloud.all(kind.type)]
    for kind in KINDS.values():
        for each in cloud.all(kind.type) if kind.selects else ():
            found = first(each.state, kind.selects, {})
            selector = found if isinstance(found, dict) else {}
            mine = [has for place, has in pods if place == _place(each)]
            if selector and not any(selector.items() <= has.items() for has in mine):
                yield f"{kind.type} {each.key.id} selects no pods: {selector}"


def _letting_nothing_run(cloud: Cloud) -> Iterator[str]:
    for each in cloud.all("kubernetes_resource_quota"):
        for name, hard in (first(each.state, "spec.hard") or {}).items():
            if name in ("pods", "requests.cpu", "requests.memory") and str(hard) == "0":
                yield f"kubernetes_resource_quota {each.key.id} lets no pod run that it counts: {name} is 0"


def _not_starting_again(cloud: Cloud) -> Iterator[str]:
    """Pods that were made before what now keeps them from being made."""
    clusters = {each.key.id: each.key for each in cloud.all("google_container_cluster")}
    for kind in KINDS.values():
        for each in cloud.all(kind.type) if kind.pods is not None else ():
            cluster = clusters.get(each.key.scope)
            namespace = str(metadata(each.state).get("namespace"))
            for event in events(cloud, cluster, kind, namespace, each.state) if cluster else ():
                yield f"{kind.type} {each.key.id}: its pods would not start again: {event}"


def _binding_nobody(cloud: Cloud) -> Iterator[str]:
    for kind in KINDS.values():
        for each in cloud.all(kind.type) if kind.binds else ():
            for subject in each.state.get("subject") or []:
                account = path(subject.get("namespace") or "default", subject["name"])
                given = subject.get("kind") == "ServiceAccount" and subject["name"] != "default"
                if given and cloud.get(Key("kubernetes_service_account", each.key.scope, account)) is None:
                    yield (
                        f"{kind.type} {each.key.id} binds a service account that does not exist: "
                        f"{subject.get('namespace')}/{subject['name']}"
                    )


def _place(found: Object) -> tuple[str, Any]:
    """Its cluster and its namespace."""
    return found.key.scope, metadata(found.state).get("namespace")
