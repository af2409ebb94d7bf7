"""People and programs that use the platform."""

from metaflow_gcp import members
from metaflow_gcp.checks import Checks
from stacks.settings.section import Section


class Access(Section):
    """Who may use the platform: `user:`, `group:` or `serviceAccount:` and an address.

    A group needs cluster.security_group.
    """

    users: tuple[str, ...] = ()
    """Who runs flows: exactly what that takes. Default: nobody besides the project's owners."""
    admins: tuple[str, ...] = ()
    """Who operates the platform; they may run flows as well. Default: nobody besides the project's owners."""

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(member for member in self.users + self.admins if member.startswith("group:"))

    def check(self, checks: Checks) -> None:
        members.check(checks, "users", self.users)
        members.check(checks, "admins", self.admins)
        admins = {member.lower() for member in self.admins}
        for index, member in enumerate(self.users):
            if member.lower() in admins:
                checks.add(
                    f"users[{index}]",
                    wrong=f"{member!r} is an admin, too",
                    allowed="each member in one of the lists: admins may run flows as well",
                    fix="remove it from access.users",
                )
