"""What a person chooses about the address at which the platform answers. Needs no Node."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le, Unit

from metaflow_gcp.checks import Checks
from metaflow_gcp.choices import check_each
from metaflow_gcp.google import secret_manager

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = rf"(?=.{{1,200}}$)({_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])"
_A_DOMAIN = "a name in lower case, such as metaflow.example.com: no https://, no *, no port"
_A_ZONE = "the name of a zone, not its domain: gcloud dns managed-zones list"
_GOOGLE = ".cloud.goog"


@dataclass(frozen=True, kw_only=True)
class EndpointChoices:
    """The platform at an address: HTTPS, with Google's sign-in (Identity-Aware Proxy) in front of everything."""

    domain: str | None = None
    """The name of the user interface, such as metaflow.example.com; Argo is at argo.<domain>, the metadata service at
    metadata.<domain>. Default: names that Google serves for the project, below endpoints.PROJECT.cloud.goog."""
    dns_zone: str | None = None
    """The name of a public zone of Cloud DNS in this project: the records of `domain` are made there. Default: make
    them yourself; `metaflow-gcp status` prints them."""
    requests_per_minute: Annotated[int, Ge(60), Le(100_000), Unit("requests")] = 3000
    """Requests a minute that one address may send, an office behind one address included, before Cloud Armor answers
    429. https://cloud.google.com/armor/docs/rate-limiting-overview"""
    oauth_client_id: str | None = None
    """An OAuth client of your own, NUMBER-NAME.apps.googleusercontent.com: for a project without an organisation, and
    for people of other organisations. Default: Google's own client, for people of the project's organisation.
    https://cloud.google.com/iap/docs/custom-oauth-configuration"""
    oauth_client_secret: str | None = None
    """With oauth_client_id, required: the name of a secret in this project's Secret Manager that holds the client's
    secret. Its value also gets into Terraform's state."""

    def check(self, checks: Checks) -> None:
        check_each(checks, self)
        if self.domain is not None:
            self._check_domain(checks, self.domain)
        elif self.dns_zone is not None:
            checks.add(
                "dns_zone",
                wrong=f"{self.dns_zone!r} is given without a domain",
                allowed="a zone together with a domain in it: Google serves its own names without one",
                fix='set domain, such as "metaflow.example.com", or remove dns_zone',
            )
        if self.dns_zone is not None:
            # https://cloud.google.com/dns/docs/reference/rest/v1/managedZones#ManagedZone.FIELDS.name
            zone = r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?"
            checks.matches("dns_zone", self.dns_zone, zone, _A_ZONE)
        self._check_client(checks)

    def _check_domain(self, checks: Checks, domain: str) -> None:
        if domain.endswith(_GOOGLE):
            checks.add(
                "domain",
                wrong=f"{domain!r} is one of Google's own names",
                allowed="a domain of yours",
                fix="remove it: without a domain the platform gets a name of Google's",
            )
        else:
            checks.matches(
                "domain",
                domain,
                _DOMAIN,
                _A_DOMAIN,
            )

    def _check_client(self, checks: Checks) -> None:
        if self.oauth_client_id is not None:
            checks.matches(
                "oauth_client_id",
                self.oauth_client_id,
                r"[0-9]+-[a-z0-9]+\.apps\.googleusercontent\.com",
                "NUMBER-NAME.apps.googleusercontent.com, from https://console.cloud.google.com/auth/clients",
            )
            if self.oauth_client_secret is None:
                checks.add(
                    "oauth_client_secret",
                    wrong="none is given for an OAuth client of your own",
                    allowed="the name of a secret in this project's Secret Manager",
                    fix="store the client's secret (gcloud secrets create NAME --data-file=-), and name it here",
                )
        elif self.oauth_client_secret is not None:
            checks.add(
                "oauth_client_secret",
                wrong=f"{self.oauth_client_secret!r} is given without oauth_client_id",
                allowed="both of them, or neither for Google's own client",
                fix="set oauth_client_id, or remove oauth_client_secret",
            )
        if self.oauth_client_secret is not None:
            secret_manager.check_name(checks, "oauth_client_secret", self.oauth_client_secret)
