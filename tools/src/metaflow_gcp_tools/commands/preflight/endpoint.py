"""The endpoint: whether Google lets it in, whom its sign-in can let in, and whether its names can be made."""

from collections.abc import Iterator, Mapping
from typing import Any

from metaflow_gcp_tools.checks import Check
from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered
from metaflow_gcp_tools.commands.preflight.answers import Google
from metaflow_gcp_tools.platform.manifest import Endpoint

TOPIC = "endpoint"

CONSTRAINT = "constraints/compute.restrictLoadBalancerCreationForTypes"
TYPE = "GLOBAL_EXTERNAL_MANAGED_HTTP_HTTPS"
_GROUP = "in:EXTERNAL"
"""https://cloud.google.com/load-balancing/docs/org-policy-constraints"""


def check(google: Google, endpoint: Endpoint) -> Iterator[Check]:
    yield _sign_in(google, endpoint)
    yield _load_balancer(google)
    if endpoint.dns_zone and endpoint.domain:
        yield _zone(google, endpoint.dns_zone, endpoint.domain)


def _sign_in(google: Google, endpoint: Endpoint) -> Check:
    """https://cloud.google.com/iap/docs/custom-oauth-configuration ."""
    name = "sign-in"
    if endpoint.own_oauth_client:
        return Check.passed(TOPIC, name, "by an OAuth client of your own")
    try:
        found = google.ask("cloudresourcemanager.projects.get", name=f"projects/{google.project}")
    except Unanswered as error:
        return Check.of(error, TOPIC, name)
    if not found.get("parent"):
        return Check.failed(
            TOPIC,
            name,
            f"{google.project} belongs to no organisation: Google's own OAuth client would let nobody in",
            "create an OAuth client (https://console.cloud.google.com/auth/clients), and set endpoint.oauth_client_id "
            "and endpoint.oauth_client_secret; or move the project into an organisation",
        )
    return Check.passed(TOPIC, name, "by Google's OAuth client, for people of the project's organisation")


def _load_balancer(google: Google) -> Check:
    """Organisations can forbid load balancers that are reached from the internet."""
    name = "load balancer"
    method = "cloudresourcemanager.projects.getEffectiveOrgPolicy"
    try:
        policy = google.ask(method, resource=f"projects/{google.project}", body={"constraint": CONSTRAINT})
    except Unanswered as error:
        if error.cause is Cause.FORBIDDEN:
            # Owners of a project need not see the policies of its organisation.
            return Check.skipped(TOPIC, name, f"these credentials may not see the policy {CONSTRAINT}")
        return Check.of(error, TOPIC, name)
    if _forbids(policy.get("listPolicy", {})):
        return Check.failed(
            TOPIC,
            name,
            f"the organisation forbids external load balancers ({CONSTRAINT})",
            f"ask its administrators to allow {TYPE} in {google.project}, or set endpoint.enabled to false",
        )
    return Check.passed(TOPIC, name, "no policy forbids an external one")


def _forbids(rules: Mapping[str, Any]) -> bool:
    ours = {TYPE, _GROUP}
    if rules.get("allValues") == "DENY" or ours & set(rules.get("deniedValues", ())):
        return True
    allowed = set(rules.get("allowedValues", ()))
    return bool(allowed) and not ours & allowed


def _zone(google: Google, zone: str, domain: str) -> Check:
    name = "zone"
    try:
        found = google.ask("dns.managedZones.get", project=google.project, managedZone=zone)
    except Unanswered as error:
        if error.cause is Cause.NOT_FOUND:
            return Check.failed(
                TOPIC,
                name,
                f"{google.project} has no zone {zone} in Cloud DNS",
                f"see `gcloud dns managed-zones list --project {google.project}`, and fix endpoint.dns_zone",
            )
        return Check.of(error, TOPIC, name)
    of = str(found["dnsName"]).rstrip(".")
    if domain != of and not domain.endswith(f".{of}"):
        return Check.failed(
            TOPIC,
            name,
            f"{domain} is not in the zone {zone}, which is {of}",
            "fix endpoint.domain or endpoint.dns_zone",
        )
    if found.get("visibility") == "private":
        return Check.failed(
            TOPIC,
            name,
            f"the zone {zone} is private: neither people nor Google's certificate authority see its names",
            "name a public zone in endpoint.dns_zone",
        )
    return Check.passed(TOPIC, name, f"{domain} is in {zone}")
