"""rbac.authorization.k8s.io: roles and their bindings."""

from typing import Any

from rehearsal.cloud.kubernetes.defaults import unset
from rehearsal.cloud.kubernetes.kind import Kind, State
from rehearsal.cloud.kubernetes.names import metadata, named
from rehearsal.cloud.model import Cloud, Key

_GROUP = "rbac.authorization.k8s.io"


def _group(subject: State) -> Any:
    return _GROUP if subject.get("kind") in ("User", "Group") and unset(subject.get("api_group")) else None


def _role_exists(cloud: Cloud, cluster: Key, key: Key, state: State) -> None:
    namespace = metadata(state).get("namespace") or "default"
    for role in state.get("role_ref") or []:
        if role["kind"] == "Role" and named(cloud, cluster, "role", namespace, role["name"]) is None:
            cloud.note(f"{key.kind} {key.id} refers to a role that did not exist then: {role['name']}")


_BINDING = {"role_ref": {"api_group": _GROUP}, "subject": {"api_group": _group}}

KINDS = [
    Kind(type="kubernetes_role", any_name=True),
    Kind(type="kubernetes_role_binding", any_name=True, binds=True, defaults=_BINDING, rules=(_role_exists,)),
    Kind(type="kubernetes_cluster_role", any_name=True),
    Kind(type="kubernetes_cluster_role_binding", any_name=True, binds=True, defaults=_BINDING),
]
