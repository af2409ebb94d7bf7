"""Compute Engine: networks, addresses, forwarding rules."""

import ipaddress
from collections.abc import Iterator
from typing import Any

from rehearsal.cloud import invent
from rehearsal.cloud.google import load_balancing, machines, quotas, ranges
from rehearsal.cloud.google.kind import Kind, State, is_set
from rehearsal.cloud.google.references import NEEDS, PART, USES
from rehearsal.cloud.google.request import Request
from rehearsal.cloud.model import Cloud, Key
from rehearsal.protocol.values import UNKNOWN

NETWORK, SUBNETWORK, ADDRESS = "google_compute_network", "google_compute_subnetwork", "google_compute_address"


def network(request: Request) -> State:
    number = str(invent.number(*request.seed("id"), digits=18))
    return {"network_id": number, "numeric_id": number, "gateway_ipv4": "", "mtu": 1460}


def subnetwork(request: Request) -> State:
    block = ipaddress.ip_network(request.get("ip_cidr_range", "10.0.0.0/20"), strict=False)
    return {
        "gateway_address": str(block[1]),
        "subnetwork_id": invent.number(*request.seed("id"), digits=18),
        "purpose": "PRIVATE",
        "private_ipv6_google_access": "DISABLE_GOOGLE_ACCESS",
    }


def address(request: Request) -> State:
    """An internal address lies in its subnet and belongs to nobody else; the first five are not for use."""
    if request.get("address_type", "EXTERNAL") != "INTERNAL":
        return {"address": invent.address(*request.seed(), network="34.64.0.0/12"), "purpose": ""}
    subnet = _subnet(request)
    if subnet is None:
        return {"address": invent.address(*request.seed(), network="10.128.0.0/20"), "purpose": "GCE_ENDPOINT"}
    block = ipaddress.ip_network(subnet["ip_cidr_range"], strict=False)
    taken = {each.state.get("address") for each in request.cloud.all("google_compute_address", request.project)}
    free = next(str(block[i]) for i in range(5, block.num_addresses) if str(block[i]) not in taken)
    return {"address": free, "purpose": "GCE_ENDPOINT"}


def address_meant(kind: Kind, value: str, near: State) -> Key | None:
    """It may also be given as digits."""
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return kind.key_of(value, near)
    return None


def address_in_its_subnet(request: Request) -> None:
    """An address that is asked for must lie in the subnet and be free."""
    asked, subnet = request.get("address"), _subnet(request)
    if not asked or subnet is None:
        return
    if ipaddress.ip_address(asked) not in ipaddress.ip_network(subnet["ip_cidr_range"], strict=False):
        raise request.refuse(
            f"googleapi: Error 400: Requested internal IP address {asked} is outside the network/subnetwork range "
            f"{subnet['ip_cidr_range']}., invalid",
            path=("address",),
        )
    for other in request.cloud.all("google_compute_address", request.project):
        if other.state.get("address") == asked and other.state.get("subnetwork") == request.get("subnetwork"):
            raise request.refuse(
                f"googleapi: Error 409: IP address {asked} is in use by {other.key.id}., conflict", path=("address",)
            )


def subnetwork_overlaps(request: Request) -> None:
    """The ranges of one network's subnets do not overlap."""
    mine = _ranges(request.state)
    for other in request.cloud.all("google_compute_subnetwork", request.project):
        if other.key == request.key or _last(other.state.get("network")) != _last(request.get("network")):
            continue
        for name, theirs in _ranges(other.state):
            for own, block in mine:
                if block.overlaps(theirs):
                    raise request.refuse(
                        f"googleapi: Error 400: Invalid IPCidrRange: {block} ({own}) conflicts with existing "
                        "subnetwork "
                        f"'{other.state['name']}' range {theirs} ({name})., invalid"
                    )


def forwarding_rule(request: Request) -> State:
    asked = request.get("ip_address", "")
    name = asked.rsplit("/", 1)[-1]
    region = request.get("region", "")
    found = [
        each.state["address"]
        for each in request.cloud.all("google_compute_address", request.project)
        if each.state["name"] == name and each.state.get("region") == region
    ]
    target = _service_attachment(request)
    return {
        "ip_address": found[0] if found else asked or invent.address(*request.seed(), network="10.128.0.0/20"),
        "psc_connection_id": str(invent.number(*request.seed("psc"), digits=17)) if target else "",
        "psc_connection_status": "ACCEPTED" if target else "",
        "forwarding_rule_id": invent.number(*request.seed("id"), digits=18),
        "base_forwarding_rule": "",
        "service_name": "",
    }


def service_attachment_exists(request: Request) -> None:
    """A rule whose target is a service attachment needs an instance that publishes it and lets this project in."""
    target = request.get("target", "")
    if "/serviceAttachments/" not in target:
        return
    instance = _service_attachment(request)
    if instance is None:
        raise request.refuse(f"googleapi: Error 404: The resource '{target}' was not found, notFound", path=("target",))
    allowed = [
        project
        for settings in instance["settings"]
        for ip in settings["ip_configuration"]
        for psc in ip["psc_config"]
        for project in psc.get("allowed_consumer_projects") or []
    ]
    if request.project not in allowed and request.number not in allowed:
        raise request.refuse(
            f"googleapi: Error 400: project {request.project} is not among the allowed_consumer_projects of "
            f"{instance['name']}., invalid",
            path=("target",),
        )


def _service_attachment(request: Request) -> State | None:
    target = request.get("target", "")
    instances = (each.state for each in request.cloud.all("google_sql_database_instance"))
    return next(
        (each for each in instances if target and target.endswith(each["psc_service_attachment_link"] or "-")), None
    )


def _subnet(request: Request) -> State | None:
    name = _last(request.get("subnetwork"))
    subnets = (each.state for each in request.cloud.all("google_compute_subnetwork"))
    return next(
        (each for each in subnets if name and each["name"] == name and each.get("region") == request.get("region")),
        None,
    )


def _ranges(state: State) -> list[tuple[str, ipaddress.IPv4Network | ipaddress.IPv6Network]]:
    ranges = [("primary", state.get("ip_cidr_range"))]
    secondary = state.get("secondary_ip_range")
    if isinstance(secondary, list):
        ranges += [(str(each["range_name"]), each["ip_cidr_range"]) for each in secondary]
    return [
        (name, ipaddress.ip_network(block, strict=False)) for name, block in ranges if isinstance(block, str) and block
    ]


def _last(value: Any) -> str:
    return str(value or "").rsplit("/", 1)[-1]


def zones(cloud: Cloud, state: State) -> State:
    region = state.get("region") or ""
    return {
        "names": [f"{region}-{letter}" for letter in machines.letters(region)],
        "id": f"projects/{state['project']}/regions/{region}",
    }


def default_account(cloud: Cloud, state: State) -> State:
    email = f"{cloud.project_number(state['project'])}-compute@developer.gserviceaccount.com"
    return {
        "email": email,
        "member": f"serviceAccount:{email}",
        "id": f"projects/{state['project']}/serviceAccounts/{email}",
    }


def _log_without_logging(planned: State, config: State, prior: State | None) -> Iterator[str]:
    if planned.get("enable_logging") is False and config.get("log_config"):
        yield "log_config cannot be defined when enable_logging is false"


def _sources(planned: State, config: State, prior: State | None) -> Iterator[str]:
    """An empty list is one, too: then Google takes 0.0.0.0/0."""
    names = ("source_tags", "source_ranges", "source_service_accounts")
    if config.get("direction") != "EGRESS" and all(config.get(name) is None for name in names):
        yield "one of source_tags, source_ranges, or source_service_accounts must be defined"


def _advertised(planned: State, config: State, prior: State | None) -> Iterator[str]:
    for bgp in config.get("bgp") or []:
        for name in ("advertised_groups", "advertised_ip_ranges"):
            if bgp.get("advertise_mode") in (None, "DEFAULT") and is_set(bgp.get(name)):
                yield f"Error in bgp: {name} cannot be specified when using advertise_mode DEFAULT"


def _drained(planned: State, config: State, prior: State | None) -> Iterator[str]:
    if prior is None and config.get("drain_nat_ips") not in (None, [], UNKNOWN):
        yield f"New RouterNat cannot have drain_nat_ips, got values {config['drain_nat_ips']}"


KINDS = [
    Kind(type=NETWORK, facts=network, rules=(quotas.one_more,)),
    Kind(
        type=SUBNETWORK,
        references={"network": (NETWORK, USES)},
        facts=subnetwork,
        rules=(ranges.own_ranges_overlap, subnetwork_overlaps, quotas.one_more),
    ),
    Kind(
        type="google_compute_router",
        references={"network": (NETWORK, USES)},
        plan_rules=(_advertised,),
        rules=(quotas.one_more,),
    ),
    Kind(
        type="google_compute_router_nat",
        path="projects/{{project}}/regions/{{region}}/routers/{{router}}/nats/{{name}}",
        id="{{project}}/{{region}}/{{router}}/{{name}}",
        references={
            "router": ("google_compute_router", PART),
            "nat_ips": (ADDRESS, USES),
            "subnetwork.name": (SUBNETWORK, USES),
        },
        plan_rules=(_drained,),
    ),
    Kind(
        type="google_compute_firewall",
        references={"network": (NETWORK, USES)},
        plan_rules=(_log_without_logging, _sources),
        rules=(quotas.one_more,),
        # The provider never reads it back (resource_compute_firewall.go, Read).
        facts=lambda request: {"enable_logging": None},
    ),
    Kind(type="google_compute_route", references={"network": (NETWORK, USES)}),
    Kind(type="google_compute_network_peering", references={"network": (NETWORK, PART)}),
    Kind(
        type=ADDRESS,
        references={"subnetwork": (SUBNETWORK, USES), "network": (NETWORK, USES)},
        means=address_meant,
        facts=address,
        rules=(address_in_its_subnet,),
    ),
    Kind(
        type=load_balancing.GLOBAL_ADDRESS,
        references={"network": (NETWORK, USES)},
        means=address_meant,
        facts=lambda request: {"address": invent.address(*request.seed(), network="34.96.0.0/14"), "prefix_length": 16},
    ),
    Kind(
        type="google_compute_forwarding_rule",
        references={"network": (NETWORK, USES), "subnetwork": (SUBNETWORK, USES), "ip_address": (ADDRESS, USES)},
        attributed=False,
        facts=forwarding_rule,
        rules=(service_attachment_exists, quotas.one_more),
    ),
    *load_balancing.KINDS,
    Kind(
        type="google_compute_instance",
        references={
            "network_interface.network": (NETWORK, USES),
            "network_interface.subnetwork": (SUBNETWORK, USES),
            "service_account.email": ("google_service_account", NEEDS),
        },
    ),
    Kind(type="google_compute_zones", data=zones),
    Kind(type="google_compute_default_service_account", data=default_account),
]
