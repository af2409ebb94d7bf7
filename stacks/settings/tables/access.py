"""People and programs that use the platform."""

from metaflow_gcp.checks import Checks
from metaflow_gcp.google import members
from stacks.settings.tables.section import Section


class Access(Section):
    """Who may use the platform: `user:`, `group:` or `serviceAccount:` and an address, or a workforce pool's identity.

    That is `principal://iam.googleapis.com/locations/global/workforcePools/POOL/subject/SUBJECT`, or a group of them,
    `principalSet://iam.googleapis.com/locations/global/workforcePools/POOL/group/GROUP`. A `group:` needs
    cluster.security_group. Google ignores the letter case of addresses, Kubernetes does not: an address works as you
    write it and in lower case. If the cluster has a third spelling (`metaflow-gcp configure` names it), write that one,
    in place of yours or beside it.
    """

    users: tuple[str, ...] = ()
    """Who runs flows: exactly what that takes. Default: nobody besides the project's owners."""
    admins: tuple[str, ...] = ()
    """Who operates the platform; they may run flows as well. Default: nobody besides the project's owners."""

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(member for member in self.users + self.admins if member.startswith("group:"))

    def check(self, checks: Checks) -> None:
        members.check(checks, "users", self.users, in_kubernetes=True)
        members.check(checks, "admins", self.admins, in_kubernetes=True)
        admins = {members.key(member): member for member in self.admins}
        for index, member in enumerate(self.users):
            if admin := admins.get(members.key(member)):
                checks.add(
                    f"users[{index}]",
                    wrong=f"{member!r} is an admin, too"
                    if member == admin
                    else f"{member!r} is another spelling of the admin {admin!r}",
                    allowed="each member in one of the lists: admins may run flows as well",
                    fix="remove it from access.users" if member == admin else "move it to access.admins",
                )
