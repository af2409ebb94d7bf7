"""Certificate Manager: certificates that Google issues when their name leads to a load balancer."""

from rehearsal.cloud.google.kind import Kind, State
from rehearsal.cloud.google.references import PART, USES
from rehearsal.cloud.google.request import Request
from rehearsal.cloud.model import Cloud

CERTIFICATE, MAP = "google_certificate_manager_certificate", "google_certificate_manager_certificate_map"


def ordered(request: Request) -> State:
    """It is not there yet: Google looks first whether the names lead to a load balancer that uses it."""
    domains = request.get("managed.domains", [])
    return {"san_dnsnames": domains, "managed": [{"state": "PROVISIONING"}]}


def issued(cloud: Cloud, state: State) -> State:
    """A while later, where somebody has made the records of its names."""
    managed = state.get("managed") or []
    if not managed:
        return state
    records = {each.state["name"].rstrip(".") for each in cloud.all("google_dns_record_set")}
    records |= {each.state["service_name"] for each in cloud.all("google_endpoints_service")}
    active = set(managed[0]["domains"]) <= records
    return {**state, "managed": [{**managed[0], "state": "ACTIVE" if active else "PROVISIONING"}]}


KINDS = [
    Kind(type=CERTIFICATE, facts=ordered, later=issued),
    Kind(type=MAP),
    Kind(
        type="google_certificate_manager_certificate_map_entry",
        references={"map": (MAP, PART), "certificates": (CERTIFICATE, USES)},
    ),
]
