"""What workloads, nodes and people call of Google's APIs, against what they are permitted (`schemas/calls.json`)."""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from rehearsal.cloud.google import permissions
from rehearsal.cloud.model import Cloud, Key, Object
from rehearsal.protocol.walk import first

_FILE = Path(__file__).parents[2] / "schemas" / "calls.json"
_BUCKET, _REPOSITORY = "google_storage_bucket", "google_artifact_registry_repository"
ANNOTATION = "iam.gke.io/gcp-service-account"
WORKLOAD_IDENTITY = "iam.serviceAccounts.getAccessToken"


@cache
def document() -> dict[str, Any]:
    return dict(json.loads(_FILE.read_text(encoding="utf-8")))


def missing(cloud: Cloud) -> list[str]:
    """Who calls what they may not."""
    found = []
    for account, wanted in (*_workloads(cloud), *_nodes(cloud)):
        member = f"serviceAccount:{account}"
        found += [f"{account} {said}" for said in _lacks(cloud, member, wanted)]
    for member, wanted in _people(cloud):
        found += [f"{member} {said}" for said in _lacks(cloud, member, wanted)]
    return [*found, *_identities(cloud)]


def needless(cloud: Cloud) -> Iterator[str]:
    """Who is granted a role of which they need nothing, or more than a narrower one would give."""
    wanted: dict[str, set[str]] = {}
    for account, calls in (*_workloads(cloud), *_nodes(cloud)):
        wanted.setdefault(account, set()).update(each for of_kind in calls.values() for each in of_kind)
    for account, name in _accounts(cloud):
        wanted.setdefault(account, set()).update(document()["where_granted"].get(name, ()))
    for account, called in wanted.items():
        for grant in permissions.grants(cloud, account):
            if said := _too_much(str(grant.state["role"]), called):
                yield f"{account} has {grant.state['role']} ({grant.key.id}): {said}"
    for grant in cloud.all("google_service_account_iam_member"):
        if said := _too_much(str(grant.state["role"]), {WORKLOAD_IDENTITY}):
            yield f"{grant.state['member']} has {grant.state['role']} on {grant.state['service_account_id']}: {said}"


def _too_much(role: str, called: set[str]) -> str:
    known = permissions.role(role)
    if known is None:
        return ""
    used = called & set(known["permissions"])
    if not used:
        return "it never needs any of that"
    narrower = [
        (len(each["permissions"]), name)
        for name, each in permissions.roles().items()
        if used <= set(each["permissions"]) and set(each["permissions"]) < set(known["permissions"])
    ]
    return f"{min(narrower)[1]} would do" if narrower else ""


def _lacks(cloud: Cloud, member: str, wanted: dict[str, list[str]]) -> Iterator[str]:
    granted = permissions.of_member(cloud, member)
    for kind, needed in wanted.items():
        for on in _objects(cloud, kind):
            permitted = permissions.permitted_on(cloud, granted, on)
            lacks = [each for each in needed if each not in permitted]
            if lacks:
                yield f"may not {', '.join(lacks)} on {kind} {on.id}, and does so"


def _objects(cloud: Cloud, kind: str) -> list[Key]:
    """Of buckets, those that hold something: others are for logs."""
    if kind == "google_project":
        clusters = cloud.all("google_container_cluster")
        return [Key(kind, each.key.scope, each.key.scope) for each in clusters]
    found = [each.key for each in cloud.all(kind)]
    if kind == _BUCKET:
        used = {str(each.state["bucket"]) for each in cloud.all("google_storage_bucket_object")}
        return [key for key in found if key.id in used]
    return found


def _workloads(cloud: Cloud) -> Iterator[tuple[str, dict[str, list[str]]]]:
    for account, name in _accounts(cloud):
        if name in document()["google"]:
            yield account, document()["google"][name]


def _accounts(cloud: Cloud) -> Iterator[tuple[str, str]]:
    """Google's account and the Kubernetes one that acts as it, by the annotation of that."""
    for each in cloud.all("kubernetes_service_account"):
        about = each.state["metadata"][0]
        if account := (about.get("annotations") or {}).get(ANNOTATION):
            yield str(account), str(about["name"])


def _nodes(cloud: Cloud) -> Iterator[tuple[str, dict[str, list[str]]]]:
    accounts = [
        first(each.state, path)
        for kind, path in (
            ("google_container_node_pool", "node_config.service_account"),
            ("google_container_cluster", "cluster_autoscaling.auto_provisioning_defaults.service_account"),
        )
        for each in cloud.all(kind)
    ]
    for account in sorted({str(each) for each in accounts if each and "@" in str(each)}):
        yield account, document()["nodes"]


def _people(cloud: Cloud) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Users are those who may connect to a cluster by a role made for it; admins administer it."""
    for member in sorted({str(each.state.get("member")) for each in cloud.all("google_project_iam_member")}):
        roles = {str(each.state["role"]) for each in _of(cloud, member)}
        if any(
            "container.clusters.connect" in permissions.permitted(cloud, role) for role in roles if "/roles/" in role
        ):
            yield member, document()["users"]
        if "roles/container.clusterAdmin" in roles:
            yield member, document()["admins"]


def _of(cloud: Cloud, member: str) -> Iterable[Object]:
    return (each for each in cloud.all("google_project_iam_member") if each.state.get("member") == member)


def _identities(cloud: Cloud) -> Iterator[str]:
    """A Kubernetes account that acts as one of Google's needs that one's leave, and to be called by its name."""
    for each in cloud.all("kubernetes_service_account"):
        about = each.state["metadata"][0]
        account = (about.get("annotations") or {}).get(ANNOTATION)
        named = f"{about.get('namespace')}/{about['name']}"
        if account is None:
            if about["name"] in document()["google"]:
                yield f"kubernetes_service_account {named} has no annotation {ANNOTATION}: it calls Google's APIs"
            continue
        grants = cloud.all("google_service_account_iam_member")
        allowed = [
            grant
            for grant in grants
            if str(grant.state["service_account_id"]).rsplit("/", 1)[-1] == account
            and str(grant.state["member"]).endswith(f".svc.id.goog[{named}]")
            and WORKLOAD_IDENTITY in permissions.permitted(cloud, str(grant.state["role"]))
        ]
        if not allowed:
            yield f"kubernetes_service_account {named} may not act as {account}: 403 iam.serviceAccounts.getAccessToken"
