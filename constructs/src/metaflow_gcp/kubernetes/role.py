"""What one account may do in one namespace."""

from dataclasses import dataclass

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
        made = role.RoleV1(
            self,
            "role",
            metadata=role.RoleV1Metadata(namespace=props.namespace, name=props.name),
            rule=[
                role.RoleV1Rule(
                    api_groups=[each.group],
                    resources=list(each.resources),
                    verbs=list(each.verbs),
                    resource_names=list(each.names) or None,
                )
                for each in props.rights
            ],
        )
        self.binding = binding.RoleBindingV1(
            self,
            "binding",
            metadata=binding.RoleBindingV1Metadata(namespace=props.namespace, name=props.name),
            role_ref=binding.RoleBindingV1RoleRef(
                api_group="rbac.authorization.k8s.io", kind="Role", name=made.metadata.name
            ),
            subject=[
                binding.RoleBindingV1Subject(
                    kind="ServiceAccount", namespace=props.account_namespace, name=props.account
                )
            ],
        )
        """What needs the rights waits for this."""
