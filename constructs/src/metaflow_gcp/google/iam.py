"""Who a workload is to Google, and which secrets of others it may read."""

from dataclasses import dataclass
from typing import Annotated, Protocol

from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember
from cdktf_cdktf_provider_google.secret_manager_secret_iam_member import SecretManagerSecretIamMember
from cdktf_cdktf_provider_google.service_account import ServiceAccount
from cdktf_cdktf_provider_google.service_account_iam_member import ServiceAccountIamMember
from constructs import Construct

from metaflow_gcp import names
from metaflow_gcp.checks import Checks
from metaflow_gcp.google.requirements import Requirements
from metaflow_gcp.properties import Properties


class WorkloadPool(Protocol):
    """What a binding needs of a cluster."""

    @property
    def workload_pool(self) -> str:
        """`PROJECT.svc.id.goog`, as the cluster itself reports it."""


@dataclass(frozen=True, kw_only=True)
class ServiceIdentityProps(Properties):
    project: str
    """The id of the project."""
    account_id: Annotated[str, names.SERVICE_ACCOUNT]
    """The part of the account's address before the @: 6 to 30 characters."""
    display_name: str
    """What it is for, as people see it in lists."""
    project_roles: tuple[str, ...] = ()
    """Roles on the project, for what Google grants on nothing smaller. Grants on a bucket, a registry or a secret are
    made by those constructs."""

    def _check(self, checks: Checks) -> None:
        for role in self.project_roles:
            if role in {"roles/owner", "roles/editor", "roles/viewer"}:
                checks.add(
                    "project_roles",
                    wrong=f"{role!r} is a basic role: it covers nearly every service",
                    allowed="predefined and custom roles",
                    fix="name the roles of the services that the workload uses",
                )


class ServiceIdentity(Construct):
    """A Google service account without keys."""

    requirements = Requirements(
        apis=frozenset(
            {
                "iam.googleapis.com",
                # Workload Identity exchanges a pod's token there.
                "iamcredentials.googleapis.com",
                # Roles on the project are set there.
                "cloudresourcemanager.googleapis.com",
            }
        )
    )

    def __init__(self, scope: Construct, id_: str, props: ServiceIdentityProps) -> None:
        super().__init__(scope, id_)
        self._account = ServiceAccount(
            self,
            "account",
            project=props.project,
            account_id=props.account_id,
            display_name=props.display_name,
        )
        for role in props.project_roles:
            ProjectIamMember(self, role, project=props.project, role=role, member=self._account.member)

    @property
    def email(self) -> str:
        return self._account.email

    @property
    def member(self) -> str:
        """`serviceAccount:` and the address, as IAM names it."""
        return self._account.member

    def bind(self, id_: str, cluster: WorkloadPool, *, namespace: str, name: str) -> None:
        """Let the Kubernetes account `name` in `namespace` of the cluster act as this account.

        The pool exists only once the project's first cluster has it, so the binding waits for the cluster.
        """
        ServiceAccountIamMember(
            self,
            id_,
            service_account_id=self._account.name,
            role="roles/iam.workloadIdentityUser",
            member=f"serviceAccount:{cluster.workload_pool}[{namespace}/{name}]",
        )


def grant_read_secret(scope: Construct, id_: str, project: str, secret: str, member: str) -> None:
    """Let the member read this one secret of Secret Manager."""
    SecretManagerSecretIamMember(
        scope, id_, project=project, secret_id=secret, role="roles/secretmanager.secretAccessor", member=member
    )
