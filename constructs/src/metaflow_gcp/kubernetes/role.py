"""Who may do what in one namespace."""

from collections.abc import Sequence
from typing import Any

from cdktf_cdktf_provider_kubernetes import role_binding_v1 as binding, role_v1 as role
from constructs import Construct

from metaflow_gcp.kubernetes.rights import Right


def grant(
    scope: Construct, id_: str, *, namespace: str, name: str, rights: Sequence[Right], account: tuple[str, str]
) -> binding.RoleBindingV1:
    """Rights in a namespace for an account (its namespace and its name), which may be in another one.

    What needs the rights waits for what is returned.
    """
    account_namespace, account_name = account
    return allow(
        Construct(scope, id_),
        ids=("role", "binding"),
        namespace=namespace,
        name=name,
        rights=rights,
        subjects=[{"kind": "ServiceAccount", "namespace": account_namespace, "name": account_name}],
    )


def allow(
    scope: Construct,
    *,
    ids: tuple[str, str],
    namespace: str,
    name: str,
    rights: Sequence[Right],
    subjects: Sequence[dict[str, Any]],
) -> binding.RoleBindingV1:
    """A role and its binding, both of this name; `ids` are their construct ids."""
    made = role.RoleV1(
        scope,
        ids[0],
        metadata=role.RoleV1Metadata(namespace=namespace, name=name),
        rule=[
            role.RoleV1Rule(
                api_groups=[each.group],
                resources=list(each.resources),
                verbs=list(each.verbs),
                resource_names=list(each.names) or None,
            )
            for each in rights
        ],
    )
    return binding.RoleBindingV1(
        scope,
        ids[1],
        metadata=binding.RoleBindingV1Metadata(namespace=namespace, name=name),
        role_ref=binding.RoleBindingV1RoleRef(
            api_group="rbac.authorization.k8s.io", kind="Role", name=made.metadata.name
        ),
        subject=[binding.RoleBindingV1Subject(**subject) for subject in subjects],
    )
