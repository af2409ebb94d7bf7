"""People and programs that use the platform."""

from dataclasses import dataclass

from metaflow_gcp.checks import Checks
from metaflow_gcp.google import members
from metaflow_gcp.metaflow.team_choices import TeamChoices


@dataclass(frozen=True, kw_only=True)
class Access(TeamChoices):
    __doc__ = TeamChoices.__doc__

    viewers: tuple[str, ...] = ()
    """With an endpoint: who sees the user interface in a browser, and gets nothing else: no cluster, no bucket, no
    Argo. `user:`, `group:` or `serviceAccount:`. Default: nobody besides users and admins."""

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(member for member in self.users + self.admins if member.startswith("group:"))

    def check(self, checks: Checks, *, in_kubernetes: bool = True) -> None:
        super().check(checks, in_kubernetes=in_kubernetes)
        self._check_viewers(checks)
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

    def _check_viewers(self, checks: Checks) -> None:
        members.check(checks, "viewers", self.viewers)
        others = {members.key(member) for member in self.users + self.admins}
        for index, member in enumerate(self.viewers):
            if members.is_federated(member):
                checks.add(
                    f"viewers[{index}]",
                    wrong=f"{member!r} is a federated identity: Google's sign-in does not know it",
                    allowed="user:<address>, group:<address> or serviceAccount:<address>",
                    fix="name their Google accounts, or a Google group of them",
                )
            elif members.key(member) in others:
                checks.add(
                    f"viewers[{index}]",
                    wrong=f"{member!r} is a user or an admin, too",
                    allowed="each member in one of the lists: users and admins see the user interface as well",
                    fix="remove it from access.viewers",
                )
