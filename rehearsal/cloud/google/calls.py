"""What workloads, nodes and people call of Google's APIs, against what they are permitted (`schemas/calls.json`)."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from rehearsal.cloud.google import permissions
from rehearsal.cloud.google.roles import roles
from rehearsal.cloud.model import Cloud, Key, Object
from rehearsal.protocol.walk import first

_FILE = Path(__file__).parents[2] / "schemas" / "calls.json"
_BUCKET, _SECRET = "google_storage_bucket", "google_secret_manager_secret"
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
    yield from _unused(cloud)
    yield from _uneven(cloud)
    for grant in cloud.all("google_service_account_iam_member"):
        if said := _too_much(str(grant.state["role"]), {WORKLOAD_IDENTITY}):
            yield f"{grant.state['member']} has {grant.state['role']} on {grant.state['service_account_id']}: {said}"


def _unused(cloud: Cloud) -> Iterator[str]:
    """Workload Identity for a Kubernetes account that there is not, or that does not say whose it is."""
    if not cloud.all("kubernetes_service_account"):
        return
    acting = {(f"{about.get('namespace')}/{about['name']}", account) for about, account in _annotated(cloud)}
    for grant in cloud.all("google_service_account_iam_member"):
        found = re.search(r"\.svc\.id\.goog\[(.+)\]$", str(grant.state["member"]))
        account = str(grant.state["service_account_id"]).rsplit("/", 1)[-1]
        if found and (found[1], account) not in acting:
            yield f"{account} lets {found[1]} act as it, and no account of that name has the annotation for it"


def _uneven(cloud: Cloud) -> Iterator[str]:
    """What some users may and others not."""
    users = {member for member, wanted in _people(cloud) if wanted is document()["users"]}
    users -= {member for member, wanted in _people(cloud) if wanted is document()["admins"]}
    for grant in cloud.all("google_%_iam_member"):
        member, rest = str(grant.state.get("member")), grant.key.id.replace(str(grant.state.get("member")), "{}")
        if member in users:
            others = {
                str(each.state.get("member"))
                for each in cloud.all(grant.key.kind)
                if each.key.id == rest.format(str(each.state.get("member")))
            }
            if lacking := sorted(users - others):
                yield f"{member} has {grant.key.id}, and {', '.join(lacking)} has not"


def _too_much(role: str, called: set[str]) -> str:
    known = permissions.role(role)
    if known is None:
        return ""
    used = called & set(known["permissions"])
    if not used:
        return "it never needs any of that"
    narrower = [
        (len(each["permissions"]), name)
        for name, each in roles().items()
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
    """Of buckets, those that hold something: others are for logs. Of secrets, those of a database."""
    if kind == "google_project":
        clusters = cloud.all("google_container_cluster")
        return [Key(kind, each.key.scope, each.key.scope) for each in clusters]
    found = [each.key for each in cloud.all(kind)]
    if kind == _BUCKET:
        used = {str(each.state["bucket"]) for each in cloud.all("google_storage_bucket_object")}
        return [key for key in found if key.id in used]
    if kind == _SECRET:
        # The password of a database: what else is kept there is others'.
        passwords = {each.state.get("password") for each in cloud.all("google_sql_user")}
        versions = [
            each.state for each in cloud.all(f"{_SECRET}_version") if each.state.get("secret_data") in passwords
        ]
        names = {str(each["secret"]).rpartition("/")[2] for each in versions}
        return [key for key in found if key.id.rpartition("/")[2] in names]
    return found


def _workloads(cloud: Cloud) -> Iterator[tuple[str, dict[str, list[str]]]]:
    for account, name in _accounts(cloud):
        if name in document()["google"]:
            yield account, document()["google"][name]


def _accounts(cloud: Cloud) -> Iterator[tuple[str, str]]:
    """Google's account, and the name of the Kubernetes one that acts as it."""
    for about, account in _annotated(cloud):
        yield account, str(about["name"])


def _annotated(cloud: Cloud) -> Iterator[tuple[dict[str, Any], str]]:
    for each in cloud.all("kubernetes_service_account"):
        about = each.state["metadata"][0]
        if account := (about.get("annotations") or {}).get(ANNOTATION):
            yield about, str(account)


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
