"""The address at which the platform answers."""

from dataclasses import dataclass

from metaflow_gcp.checks import Checks
from metaflow_gcp.google.endpoint.choices import EndpointChoices
from stacks.settings.tables.access import Access


@dataclass(frozen=True, kw_only=True)
class Endpoint(EndpointChoices):
    """The platform at an address: HTTPS, with Google's sign-in (Identity-Aware Proxy) in front of everything."""

    enabled: bool = False
    """true makes a load balancer with the user interface, Argo and the metadata service behind it, for those whom
    `access` names (docs/endpoint.md: what it costs). false: people reach them by port forward only."""

    def check_with(self, checks: Checks, access: Access) -> None:
        self.check(checks)
        if self.enabled and not (access.users or access.admins or access.viewers):
            checks.add(
                "enabled",
                wrong="true, and access names nobody: the sign-in would let nobody in",
                allowed="an endpoint together with one member or more in access.users, access.admins or access.viewers",
                fix="name them in access, or set endpoint.enabled to false",
            )
