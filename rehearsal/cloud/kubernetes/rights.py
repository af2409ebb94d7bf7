"""What accounts and people may do in a cluster, against what they call (`schemas/calls.json`)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rehearsal.cloud.google import calls
from rehearsal.cloud.kubernetes.names import metadata
from rehearsal.cloud.model import Cloud, Key, Object

TASKS = "metaflow-tasks"
"""Whose namespace is that of the jobs."""
Subject = tuple[str, str, str]
"""Kind, namespace and name, as a binding has them."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """One verb on one resource, in one namespace."""

    namespace: str
    group: str
    resource: str
    verb: str
    name: str = ""
    """Of the one object that it is about; empty where it is about all."""

    def __str__(self) -> str:
        of = f" {self.name}" if self.name else ""
        return f"{self.verb} {self.resource}{'.' if self.group else ''}{self.group}{of} in {self.namespace}"


def missing(cloud: Cloud) -> list[str]:
    """What somebody calls and may not do."""
    return [
        f"{_said(who)} may not {'; '.join(map(str, lacks))}, and does so"
        for cluster in _clusters(cloud)
        for who, lacks in lacking(cloud, cluster).items()
    ]


def lacking(cloud: Cloud, cluster: Key, jobs: str | None = None) -> dict[Subject, list[Act]]:
    """Who calls what they may not. `jobs`: the namespace of tasks, where their account is not there yet."""
    may = _granted(cloud, cluster)
    found = {
        who: [each for each in sorted(wanted, key=str) if not any(_covers(has, each) for has in may.get(who, ()))]
        for who, wanted in _called(cloud, cluster, jobs)
        if not _is_admin(cloud, cluster, who)
    }
    return {who: lacks for who, lacks in found.items() if lacks}


def needless(cloud: Cloud) -> list[str]:
    """What somebody may do and never calls, as far as their calls are known."""
    found = []
    for cluster in _clusters(cloud):
        may = _granted(cloud, cluster)
        for who, calls_ in _called(cloud, cluster):
            wanted = calls_ | _where_granted(cloud, cluster, who)
            more = sorted(
                str(has)
                for has in may.get(who, ())
                if has.verb == "*" or not any(_covers(has, each) for each in wanted)
            )
            if more:
                found.append(f"{_said(who)} may {'; '.join(more)}, and never does so")
    return found


def _clusters(cloud: Cloud) -> list[Key]:
    return [each.key for each in cloud.all("google_container_cluster")]


def _called(cloud: Cloud, cluster: Key, jobs: str | None = None) -> Iterator[tuple[Subject, set[Act]]]:
    accounts = [(str(about["namespace"]), str(about["name"])) for about in _accounts(cloud, cluster)]
    jobs = jobs or next((namespace for namespace, name in accounts if name == TASKS), None)
    if jobs is None:
        return
    for namespace, name in accounts:
        wanted = calls.document()["kubernetes"].get(name)
        if wanted:
            places = {"own": namespace, "jobs": jobs}
            yield ("ServiceAccount", namespace, name), _acts(cloud, cluster, wanted, places)
    services = next((namespace for namespace, name in accounts if name == "metadata-service"), jobs)
    people = {who for who, _ in _bound(cloud, cluster) if who[0] in ("User", "Group")}
    for who in sorted(people):
        yield who, _of_people(cloud, cluster, jobs, services)


def _where_granted(cloud: Cloud, cluster: Key, who: Subject) -> set[Act]:
    """What it calls where it may, and does without where it may not."""
    kind, namespace, name = who
    wanted = calls.document()["kubernetes_where_granted"].get(name) if kind == "ServiceAccount" else None
    jobs = next((str(about["namespace"]) for about in _accounts(cloud, cluster) if about["name"] == TASKS), namespace)
    return _acts(cloud, cluster, wanted, {"own": namespace, "jobs": jobs}) if wanted else set()


def _of_people(cloud: Cloud, cluster: Key, jobs: str, services: str) -> set[Act]:
    """Forwards lead to every namespace with a Service of the platform's."""
    wanted = calls.document()["people"]
    acts = _acts(cloud, cluster, wanted, {"jobs": jobs, "services": services})
    for place in _forwarded(cloud, cluster) - {services}:
        acts |= _acts(cloud, cluster, {"services": wanted["services"]}, {"services": place})
    return acts


def _forwarded(cloud: Cloud, cluster: Key) -> set[str]:
    named = {"argo-workflows-server", "argo-events-webhook-eventsource-svc"}
    found = (metadata(each.state) for each in cloud.all("kubernetes_service", cluster.id))
    return {str(about["namespace"]) for about in found if about["name"] in named}


def _acts(cloud: Cloud, cluster: Key, wanted: dict[str, Any], places: dict[str, str]) -> set[Act]:
    defined = _defined(cloud, cluster)
    return {
        Act(namespace=places[place], group=each["group"], resource=resource, verb=verb, name=each.get("names", ""))
        for place, rules in wanted.items()
        for each in rules
        for resource in each["resources"].split()
        for verb in each["verbs"].split()
        if _is_there(each, resource, defined)
    }


def _is_there(rule: dict[str, Any], resource: str, defined: set[str]) -> bool:
    """Of a custom resource, whether the cluster has its definition."""
    beside = rule.get("with")
    if beside and not any(name.endswith(f".{beside}") for name in defined):
        return False
    return "." not in rule["group"] or f"{resource.partition('/')[0]}.{rule['group']}" in defined


def _defined(cloud: Cloud, cluster: Key) -> set[str]:
    found = (each.key.id for each in cloud.all("kubernetes_manifest", cluster.id))
    return {id_.rpartition("/")[2] for id_ in found if "/CustomResourceDefinition/" in id_}


def _granted(cloud: Cloud, cluster: Key) -> dict[Subject, set[Act]]:
    """By Roles in their namespaces; who has a ClusterRole is not looked at but for `cluster-admin`."""
    roles = {each.key.id: each for each in cloud.all("kubernetes_role", cluster.id)}
    found: dict[Subject, set[Act]] = {}
    for who, binding in _bound(cloud, cluster):
        namespace = str(metadata(binding.state).get("namespace"))
        role = roles.get(f"{namespace}/{binding.state['role_ref'][0]['name']}")
        if role and binding.state["role_ref"][0]["kind"] == "Role":
            found.setdefault(who, set()).update(_permitted(namespace, role.state["rule"]))
    return found


def _permitted(namespace: str, rules: Iterable[dict[str, Any]]) -> Iterator[Act]:
    for rule in rules:
        for group in rule.get("api_groups") or []:
            for resource in rule.get("resources") or []:
                for verb in rule.get("verbs") or []:
                    for name in rule.get("resource_names") or [""]:
                        yield Act(namespace=namespace, group=group, resource=resource, verb=verb, name=name)


def _bound(cloud: Cloud, cluster: Key) -> Iterator[tuple[Subject, Object]]:
    for binding in cloud.all("kubernetes_role_binding", cluster.id):
        for each in binding.state.get("subject") or []:
            named = each["kind"] == "ServiceAccount"
            yield (each["kind"], str(each.get("namespace") or "default") if named else "", each["name"]), binding


def _is_admin(cloud: Cloud, cluster: Key, who: Subject) -> bool:
    return any(
        each.state["role_ref"][0]["name"] == "cluster-admin"
        and any((one["kind"], one["name"]) == (who[0], who[2]) for one in each.state.get("subject") or [])
        for each in cloud.all("kubernetes_cluster_role_binding", cluster.id)
    )


def _accounts(cloud: Cloud, cluster: Key) -> list[dict[str, Any]]:
    return [metadata(each.state) for each in cloud.all("kubernetes_service_account", cluster.id)]


def _covers(has: Act, wanted: Act) -> bool:
    return (
        has.namespace == wanted.namespace
        and has.group in (wanted.group, "*")
        and has.resource in (wanted.resource, "*")
        and has.verb in (wanted.verb, "*")
        and has.name in ("", wanted.name)
    )


def _said(who: Subject) -> str:
    kind, namespace, name = who
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
