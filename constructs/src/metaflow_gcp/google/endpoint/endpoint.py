"""The platform at an address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from cdktf_cdktf_provider_google import compute_firewall as firewall
from cdktf_cdktf_provider_google.compute_global_address import ComputeGlobalAddress
from cdktf_cdktf_provider_google.data_google_secret_manager_secret_version import (
    DataGoogleSecretManagerSecretVersion,
)
from cdktf_cdktf_provider_random.id import Id
from constructs import Construct

from metaflow_gcp import names
from metaflow_gcp.checks import Checks
from metaflow_gcp.google import members
from metaflow_gcp.google.endpoint import names as hosts
from metaflow_gcp.google.endpoint.backend import Backend, ExposedService, InstanceGroups, OAuthClient
from metaflow_gcp.google.endpoint.choices import EndpointChoices
from metaflow_gcp.google.endpoint.front import Front, rate_limit
from metaflow_gcp.google.endpoint.names import Host
from metaflow_gcp.google.requirements import Requirements
from metaflow_gcp.properties import Properties

FRONT_ENDS = ("35.191.0.0/16", "130.211.0.0/22")
"""Where requests and health checks of Google's load balancers come from, and nobody else's.
https://cloud.google.com/load-balancing/docs/https#firewall-rules"""

_SUFFIX_BYTES = 2


@dataclass(frozen=True, kw_only=True)
class EndpointProps(EndpointChoices, Properties):
    project: str
    """The id of the project."""
    name: Annotated[str, names.CLUSTER]
    """Goes before the names of all parts: up to 40 of a-z, 0-9 and -."""
    base: Annotated[str, names.RESOURCE]
    """What names of Google's start with: `metaflow-default`."""
    services: tuple[ExposedService, ...]
    """What is reached. The first is at the domain itself; whoever asks for an unknown name is sent there."""
    pool: InstanceGroups
    """The nodes that the services run on: a `NodePool`."""
    network: str | None
    """The self link of the pool's network, which gets a firewall rule. None: somebody else lets `FRONT_ENDS` reach the
    services' ports."""
    node_service_account: str
    """The address that the pool's nodes run as: the firewall rule is for them."""

    def _check(self, checks: Checks) -> None:
        if not self.services:
            checks.add("services", wrong="there are none", allowed="one or more", fix="name what is to be reached")
        for index, service in enumerate(self.services):
            with checks.within(f"services[{index}]") as inner:
                inner.matches("name", service.name, r"[a-z]{1,12}", "up to 12 of a-z")
                inner.between("node_port", service.node_port, 30000, 32767)
                members.check(inner, "members", service.members)
        self.check(checks)


class Endpoint(Construct):
    """An external load balancer with HTTPS, Identity-Aware Proxy and Cloud Armor in front of services on nodes.

    All of it is Terraform's: a plan shows who gets to what, nothing is open before the proxy is in front of it, and
    nothing is left when it goes.
    """

    def __init__(self, scope: Construct, id_: str, props: EndpointProps) -> None:
        super().__init__(scope, id_)
        self._props = props
        self._address = ComputeGlobalAddress(self, "address", project=props.project, name=props.name)
        self.hosts: Mapping[str, str] = {}
        """A service's name -> the name at which it is asked for."""
        if props.network:
            self._let_front_ends_in(props, props.network)
        policy = rate_limit(self, project=props.project, name=props.name, requests_per_minute=props.requests_per_minute)
        named = self._names(props)
        client = self._client(props)
        backends = {
            service.name: (
                named[service.name],
                Backend(
                    self,
                    service.name,
                    service,
                    project=props.project,
                    name=f"{props.name}-{service.name}",
                    pool=props.pool,
                    security_policy=policy,
                    oauth_client=client,
                ).id,
            )
            for service in props.services
        }
        Front(self, "front", project=props.project, name=props.name, address=self._address.id, backends=backends)
        self.hosts = {service: host.name for service, host in named.items()}

    @property
    def address(self) -> str:
        """The IPv4 address that the names must lead to."""
        return self._address.address

    @property
    def requirements(self) -> Requirements:
        apis = {"compute.googleapis.com", "certificatemanager.googleapis.com", "iap.googleapis.com"}
        if self._props.domain is None:
            # Names of Google's are services of Cloud Endpoints.
            apis.add("servicemanagement.googleapis.com")
        if self._props.dns_zone is not None:
            apis.add("dns.googleapis.com")
        if self._props.oauth_client_secret is not None:
            apis.add("secretmanager.googleapis.com")
        return Requirements(apis=frozenset(apis))

    def _let_front_ends_in(self, props: EndpointProps, network: str) -> None:
        firewall.ComputeFirewall(
            self,
            "front-ends",
            project=props.project,
            name=f"{props.name}-front-ends",
            network=network,
            direction="INGRESS",
            source_ranges=list(FRONT_ENDS),
            target_service_accounts=[props.node_service_account],
            allow=[
                firewall.ComputeFirewallAllow(
                    protocol="tcp", ports=[str(service.node_port) for service in props.services]
                )
            ],
        )

    def _names(self, props: EndpointProps) -> dict[str, Host]:
        suffix = None if props.domain else Id(self, "suffix", byte_length=_SUFFIX_BYTES)
        found = {}
        for service in props.services:
            if suffix:
                host = hosts.of_google(props.project, props.base, service.label, suffix)
                hosts.served_by_google(
                    self, f"name-{service.name}", project=props.project, host=host, address=self.address
                )
            else:
                host = hosts.of_domain(props.domain or "", service.label)
                if props.dns_zone:
                    hosts.record(
                        self,
                        f"name-{service.name}",
                        project=props.project,
                        zone=props.dns_zone,
                        host=host,
                        address=self.address,
                    )
            found[service.name] = host
        return found

    def _client(self, props: EndpointProps) -> OAuthClient | None:
        if props.oauth_client_id is None:
            return None
        secret = DataGoogleSecretManagerSecretVersion(
            self, "oauth-client-secret", project=props.project, secret=props.oauth_client_secret or ""
        )
        return OAuthClient(id=props.oauth_client_id, secret=secret.secret_data)
