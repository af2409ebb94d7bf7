"""Who a person lets use the platform. Needs no Node."""

from dataclasses import dataclass

from metaflow_gcp.checks import Checks
from metaflow_gcp.google import members


@dataclass(frozen=True, kw_only=True)
class TeamChoices:
    """Who may use the platform: `user:`, `group:` or `serviceAccount:` and an address, or a workforce pool's identity.

    That is `principal://iam.googleapis.com/locations/global/workforcePools/POOL/subject/SUBJECT`, or a group of them,
    `principalSet://iam.googleapis.com/locations/global/workforcePools/POOL/group/GROUP`. A `group:` needs the cluster's
    `security_group`. Google ignores the letter case of addresses, Kubernetes does not: an address works as you write it
    and in lower case. If the cluster has a third spelling (`metaflow-gcp configure` names it), write that one, in place
    of yours or beside it.
    """

    users: tuple[str, ...] = ()
    """Who runs flows: exactly what that takes. Default: nobody besides the project's owners."""
    admins: tuple[str, ...] = ()
    """Who operates the platform; they may run flows as well. Default: nobody besides the project's owners."""

    def check(self, checks: Checks, *, in_kubernetes: bool) -> None:
        """`in_kubernetes`: they are also bound to roles inside the cluster, which knows fewer kinds of members."""
        members.check(checks, "users", self.users, in_kubernetes=in_kubernetes)
        members.check(checks, "admins", self.admins, in_kubernetes=in_kubernetes)
