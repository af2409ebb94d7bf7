"""Who may do what in one namespace."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_kubernetes import role_binding_v1 as binding, role_v1 as role
from constructs import Construct

from metaflow_gcp.kubernetes.rights import Right


@dataclass(frozen=True, kw_only=True)
class NamespaceRoleProps:
    namespace: str
    """Where the rights hold."""
    name: str
    """The role's name, and its binding's."""
    rights: tuple[Right, ...]
    account_namespace: str
    """Where the account is."""
    account: str
    """The account's name."""


class NamespaceRole(Construct):
    """A role in a namespace, and its binding to an account, which may be in another one."""

    def __init__(self, scope: Construct, id_: str, props: NamespaceRoleProps) -> None:
        super().__init__(scope, id_)
        self.binding = allow(
            self,
            ids=("role", "binding"),
            namespace=props.namespace,
            name=props.name,
            rights=props.rights,
            subjects=[{"kind": "ServiceAccount", "namespace": props.account_namespace, "name": props.account}],
        )
        """What needs the rights waits for this."""


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
