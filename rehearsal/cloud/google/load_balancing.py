"""Compute Engine's load balancers: what leads from an address to a pool's nodes, and keeps all of it from going."""

import re
from collections.abc import Iterator
from typing import Any

from rehearsal.cloud import invent
from rehearsal.cloud.google.kind import Find, Kind, State
from rehearsal.cloud.google.references import PART, USES, Reference
from rehearsal.cloud.google.request import Request
from rehearsal.cloud.model import Key, Use
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.walk import strings

GROUP, BACKEND, ROUTES = "google_compute_instance_group", "google_compute_backend_service", "google_compute_url_map"
GLOBAL_ADDRESS = "google_compute_global_address"
_PROXIES = {
    "targetHttpProxies": "google_compute_target_http_proxy",
    "targetHttpsProxies": "google_compute_target_https_proxy",
}


class ForwardingRule(Kind):
    """Its target is a proxy of one kind or the other."""

    def refers(self, state: State, find: Find) -> Iterator[Reference]:
        yield from super().refers(state, find)
        for path, value in strings(state, "target"):
            type_ = next((type_ for name, type_ in _PROXIES.items() if f"/{name}/" in value), None)
            if type_:
                yield Reference(path=path, target=find(type_).key_of(value, state), how=USES)


def put_groups(request: Request) -> None:
    """A node pool's instance groups, one for each zone: they go with it."""
    pool = request.cloud.get(request.key)
    for link in pool.state["managed_instance_group_urls"] if pool else ():
        path = _path(link)
        key = Key(GROUP, request.project, path)
        request.cloud.put(key, {"name": path.rsplit("/", 1)[-1]}, [Use(target=request.key, part=True)])


def groups_in_use(request: Request) -> None:
    """Whoever sends requests to a group keeps it, and so its pool."""
    for link in request.get("managed_instance_group_urls", []):
        users = request.cloud.users(Key(GROUP, request.project, _path(link)), part=False)
        if users:
            raise Refused(
                f"Error waiting for deleting GKE NodePool: googleapi: Error 400: The instance_group resource "
                f"'{_path(link)}' is already being used by '{users[0].id}' ({users[0].kind}), "
                "resourceInUseByAnotherResource"
            )


def port_is_named(request: Request) -> None:
    """Google takes a backend service whose port its groups do not name, and finds none of them healthy."""
    named = {each.key.id for each in request.cloud.all("google_compute_instance_group_named_port", request.project)}
    for _, link in strings(request.state, "backend.group"):
        name = request.get("port_name")
        if not any(re.fullmatch(rf"{re.escape(_path(link))}/\d+/{re.escape(str(name))}", each) for each in named):
            request.cloud.note(f"{request.key.id}: {_path(link)} names no port {name!r}: its nodes are not healthy")


def forwarded(request: Request) -> State:
    asked = str(request.get("ip_address", ""))
    reserved = request.cloud.get(Key(GLOBAL_ADDRESS, request.project, _path(asked)))
    address = (
        reserved.state["address"] if reserved else asked or invent.address(*request.seed(), network="34.96.0.0/14")
    )
    return {
        "ip_address": address,
        "forwarding_rule_id": invent.number(*request.seed("id"), digits=18),
        "base_forwarding_rule": "",
        "network_tier": "PREMIUM",
        "psc_connection_id": "",
        "psc_connection_status": "",
    }


def _path(link: Any) -> str:
    found = re.search(r"(?:^|/)(projects/.*)$", str(link))
    return found[1] if found else str(link)


KINDS = [
    Kind(type=GROUP),
    Kind(type="google_compute_instance_group_named_port", references={"group": (GROUP, PART)}),
    Kind(type="google_compute_health_check", facts=lambda request: {"type": "HTTP"}),
    Kind(type="google_compute_security_policy"),
    Kind(type="google_compute_ssl_policy", facts=lambda request: {"enabled_features": ["TLS_AES_128_GCM_SHA256"]}),
    Kind(
        type=BACKEND,
        references={
            "backend.group": (GROUP, USES),
            "health_checks": ("google_compute_health_check", USES),
            "security_policy": ("google_compute_security_policy", USES),
        },
        facts=lambda request: {
            "generated_id": invent.number(*request.seed("id"), digits=18),
            "session_affinity": "NONE",
        },
        after=port_is_named,
    ),
    Kind(
        type=ROUTES,
        references={"default_service": (BACKEND, USES), "path_matcher.default_service": (BACKEND, USES)},
    ),
    Kind(type="google_compute_target_http_proxy", references={"url_map": (ROUTES, USES)}),
    Kind(
        type="google_compute_target_https_proxy",
        references={
            "url_map": (ROUTES, USES),
            "ssl_policy": ("google_compute_ssl_policy", USES),
            "certificate_map": ("google_certificate_manager_certificate_map", USES),
        },
    ),
    ForwardingRule(
        type="google_compute_global_forwarding_rule",
        references={"ip_address": (GLOBAL_ADDRESS, USES)},
        attributed=False,
        facts=forwarded,
    ),
]
