"""What is reached from the internet, by whom, and by which way only."""

import json
import re

import pytest

from tests.stacks.invariants import selectors
from tests.stacks.invariants.world import World

FRONT_ENDS = ["35.191.0.0/16", "130.211.0.0/22"]
SIGN_IN = "google_iap_web_backend_service_iam_member"
TEAM = {
    "user:ada@example.com",
    "group:ml-team@example.com",
    "group:platform@example.com",
    "serviceAccount:ci@acme-metaflow.iam.gserviceaccount.com",
}
VIEWERS = {"group:everybody@example.com"}
PODS = {
    "ui": "Deployment metaflow-ui",
    "metadata": "Deployment metadata-service",
    "argo": "release argo-workflows: server",
}


@pytest.fixture(scope="module")
def on(platforms):
    return platforms["everything"]


def backends(platform):
    return {each.path.split("/")[1]: each.attributes for each in platform.of_type("google_compute_backend_service")}


@pytest.mark.parametrize("settings", ["minimal", "existing-network"])
def test_off_nothing_of_it_is_there(platforms, settings):
    text = json.dumps([*platforms[settings].stacks.values(), platforms[settings].manifest])
    assert not re.findall(r"NodePort|compute_backend|iap\.|certificatemanager|servicemanagement|35\.191", text)
    assert not [each.where for each in platforms[settings].elements if each.path.startswith("endpoint")]


def test_every_backend_has_the_proxy_and_the_rate_limit_in_front_of_it(on):
    assert backends(on).keys() == PODS.keys()
    for each in backends(on).values():
        assert each["iap"]["enabled"] is True
        assert each["security_policy"] == "${google_compute_security_policy.<endpoint/rate-limit>.self_link}"
        assert each["load_balancing_scheme"] == "EXTERNAL_MANAGED"


def test_names_alone_decide_where_a_request_goes(on):
    """A path can be written in many ways: `//`, `%2e`, `;x=1`. None of them leads to another service."""
    routes = {each.path.rsplit("/", 1)[-1]: each.attributes for each in on.of_type("google_compute_url_map")}
    hosts = {each["path_matcher"]: each["hosts"] for each in routes["routes"]["host_rule"]}
    assert hosts == {
        "ui": ["metaflow.example.com"],
        "metadata": ["metadata.metaflow.example.com"],
        "argo": ["argo.metaflow.example.com"],
    }
    for each in routes["routes"]["path_matcher"]:
        service = f"${{google_compute_backend_service.<endpoint/{each['name']}/service>.id}}"
        assert each == {"name": each["name"], "default_service": service}
    # Any other name reaches no backend at all.
    for each in routes.values():
        assert "default_service" not in each
        assert each["default_url_redirect"]["https_redirect"] is True


def test_who_gets_through_to_what(on):
    """On each backend by itself: nothing is granted on the project."""
    through: dict[str, set[str]] = {}
    for each in on.of_type(SIGN_IN):
        through.setdefault(each.path.split("/")[1], set()).add(each.attributes["member"])
        assert each.attributes["web_backend_service"] == (
            f"${{google_compute_backend_service.<{each.path.rsplit('/', 1)[0]}/service>.name}}"
        )
    assert through == {"ui": TEAM | VIEWERS, "metadata": TEAM, "argo": TEAM}


def test_viewers_have_nothing_else_anywhere(on):
    for member in VIEWERS:
        assert {each.type for each in on.elements if each.attributes.get("member") == member} == {SIGN_IN}
        assert member.partition(":")[2] not in on.texts["services"]


def test_the_front_ends_reach_the_ports_of_the_nodes_and_nobody_else_does(on):
    rules = [each.attributes for each in on.of_type("google_compute_firewall") if each.path.startswith("endpoint/")]
    named = {each.attributes["port"] for each in on.of_type("google_compute_instance_group_named_port")}
    [rule] = rules
    assert rule["source_ranges"] == FRONT_ENDS
    assert rule["target_service_accounts"] == ["${google_service_account.<nodes/account>.email}"]
    assert [set(map(int, each["ports"])) for each in rule["allow"]] == [named]


def test_each_port_of_the_nodes_leads_to_its_service(on):
    world = World.of(on)
    ports = {
        each.attributes["name"]: each.attributes["port"]
        for each in on.of_type("google_compute_instance_group_named_port")
    }
    services = {
        port["nodePort"]: each
        for each in world.of_kind("Service")
        for port in each["spec"]["ports"]
        if "nodePort" in port
    }
    assert set(ports.values()) == services.keys()
    for name, port in ports.items():
        spec, namespace = services[port]["spec"], services[port]["metadata"]["namespace"]
        # Else requests come with the address of a node, and no policy can tell whose they are.
        assert spec["externalTrafficPolicy"] == "Local"
        assert [pod.owner for pod in world.matching(namespace, {"matchLabels": spec["selector"]})] == [PODS[name]]
        [target] = [int(each["targetPort"]) for each in spec["ports"]]
        [pod] = world.matching(namespace, {"matchLabels": spec["selector"]})
        assert target in pod.ports.values()
        for address, through in (
            ("35.191.3.4", True),
            ("130.211.1.2", True),
            ("203.0.113.9", False),
            ("10.4.1.2", False),
        ):
            assert selectors.lets_in_from(world.objects, pod, target, address) is through, (name, address)


def test_a_health_check_asks_what_the_pod_s_own_probe_asks(on):
    """Without any identity: a page that the sign-in does not guard, and that says whether the service works."""
    asked = {
        each.path.split("/")[1]: each.attributes["http_health_check"]["request_path"]
        for each in on.of_type("google_compute_health_check")
    }
    assert asked == {"ui": "/ping", "metadata": "/ping", "argo": "/"}


def test_tls_and_certificates(on):
    assert on.only("google_compute_ssl_policy")["min_tls_version"] == "TLS_1_2"
    named = {
        domain
        for each in on.of_type("google_certificate_manager_certificate")
        for domain in each.attributes["managed"]["domains"]
    }
    routed = {
        host
        for each in on.of_type("google_compute_url_map")
        for rule in each.attributes.get("host_rule", [])
        for host in rule["hosts"]
    }
    entries = {each.attributes["hostname"] for each in on.of_type("google_certificate_manager_certificate_map_entry")}
    records = {each.attributes["name"].rstrip(".") for each in on.of_type("google_dns_record_set")}
    assert named == routed == entries == records


def test_the_argo_server_only_reads_for_who_gives_no_token(on):
    """It then asks as its own account."""
    world = World.of(on)
    [account] = [pod.spec["serviceAccountName"] for pod in world.pods if pod.owner == PODS["argo"]]
    bound = [
        each["roleRef"]["name"]
        for each in world.of_kind("RoleBinding")
        if any(subject["name"] == account for subject in each["subjects"])
    ]
    verbs = {
        verb
        for each in world.of_kind("Role")
        if each["metadata"]["name"] in bound
        for rule in each["rules"]
        for verb in rule["verbs"]
    }
    assert verbs <= {"get", "list", "watch"}


def test_the_client_s_secret_comes_from_secret_manager(on):
    for each in backends(on).values():
        assert each["iap"]["oauth2_client_secret"].startswith("${data.google_secret_manager_secret_version.")


class StandInLoadBalancer:
    """What Google's load balancer and Identity-Aware Proxy do with a request, by what synth wrote."""

    def __init__(self, platform):
        [self.routes] = [
            each.attributes for each in platform.of_type("google_compute_url_map") if each.path.endswith("/routes")
        ]
        self.backends = backends(platform)
        self.through: dict[str, set[str]] = {}
        for each in platform.of_type(SIGN_IN):
            self.through.setdefault(each.path.split("/")[1], set()).add(each.attributes["member"])

    def answer(self, host, path, member):
        """The status, and the service that was reached."""
        # https://cloud.google.com/load-balancing/docs/url-map-concepts: the port and the case of a host do not count.
        name = host.partition(":")[0].rstrip(".").lower()
        matcher = next((rule["path_matcher"] for rule in self.routes["host_rule"] if name in rule["hosts"]), None)
        if matcher is None:
            return 302, None
        [found] = [each for each in self.routes["path_matcher"] if each["name"] == matcher]
        assert found.keys() == {"name", "default_service"}, "a path decides something"
        service = found["default_service"].split("/")[1]
        if not self.backends[service]["iap"]["enabled"]:
            return 200, service
        if member is None:
            return 302, None
        return (200, service) if member in self.through[service] else (403, None)


HOSTS = ("metaflow.example.com", "metadata.metaflow.example.com", "argo.metaflow.example.com")
TRICKED_HOSTS = ("34.96.0.7", "", "localhost", "metadata-service.metaflow", "example.com", "evil.example.com:443")
PATHS = (
    *(
        "/",
        "//",
        "/api/../",
        "/%2e%2e/",
        "/..;/",
        "/metadata/flows",
        "//metadata//flows",
        "/%6detadata/flows",
        "/metadata%2fflows",
    ),
    *(
        "/flows/A/run",
        "/FLOWS",
        "/flows;x=1",
        "/?_gcp_iap_mode=CLEAR",
        "/ping",
        "/%00",
        "/flows#x",
        "/.well-known/x",
        "/_gcp_iap",
    ),
)


def test_a_hundred_requests_of_who_has_no_right_end_at_the_proxy(on):
    """Whatever the path, and whatever the host's spelling."""
    balancer = StandInLoadBalancer(on)
    hosts = [spelled for host in HOSTS for spelled in (host, host.upper(), f"{host}:443", f"{host}.")]
    asked = [(host, path) for host in (*hosts, *TRICKED_HOSTS) for path in PATHS]
    assert len(asked) > 100
    for host, path in asked:
        assert balancer.answer(host, path, None) == (302, None), (host, path)
        status, reached = balancer.answer(host, path, "user:mallory@example.org")
        assert (status in (302, 403), reached) == (True, None), (host, path)
        # A viewer gets to the user interface, by whatever path, and nowhere else.
        _, reached = balancer.answer(host, path, "group:everybody@example.com")
        assert reached in (None, "ui"), (host, path)
        assert (reached == "ui") is (host.partition(":")[0].rstrip(".").lower() == HOSTS[0]), (host, path)


def test_who_has_the_right_gets_through(on):
    """Else the test above would prove nothing."""
    balancer = StandInLoadBalancer(on)
    reached = [balancer.answer(host, "/", "user:ada@example.com") for host in HOSTS]
    assert reached == [(200, "ui"), (200, "metadata"), (200, "argo")]


EXISTING = {"network": "shared", "subnetwork": "nodes", "pods_range": "pods", "services_range": "services"}


@pytest.mark.parametrize(("owner", "rules"), [("acme-network-host", 0), (None, 1)])
def test_a_network_of_another_project_gets_no_rule_from_here(synthesized, owner, rules):
    """Its owners make it: docs/endpoint.md. In an existing network of this project it is the only one."""
    platform = synthesized(
        METAFLOW_GCP_ENDPOINT__ENABLED="true",
        METAFLOW_GCP_ACCESS__USERS='["user:ada@example.com"]',
        METAFLOW_GCP_NETWORK=json.dumps({"existing": EXISTING | ({"project": owner} if owner else {})}),
    )
    assert len(platform.of_type("google_compute_firewall")) == rules
    assert len(platform.of_type("google_endpoints_service")) == len(PODS)
