import pytest

from metaflow_gcp.checks import Checks
from metaflow_gcp.google.endpoint.backend import ExposedService
from metaflow_gcp.google.endpoint.choices import EndpointChoices
from metaflow_gcp.google.endpoint.endpoint import Endpoint, EndpointProps

GROUPS = [f"https://www.googleapis.com/compute/v1/projects/p/zones/us-west1-{zone}/instanceGroups/g" for zone in "ab"]


class Pool:
    instance_groups = GROUPS


UI = ExposedService(name="ui", node_port=30083, health_path="/ping", members=("user:ada@example.com",))
ARGO = ExposedService(name="argo", label="argo", node_port=30046, health_path="/", members=("group:ml@example.com",))
MINIMAL = {
    "project": "some-project",
    "name": "lb-metaflow-default",
    "base": "metaflow-default",
    "services": (UI, ARGO),
    "pool": Pool(),
    "network": "https://www.googleapis.com/compute/v1/projects/some-project/global/networks/vpc",
    "node_service_account": "nodes@some-project.iam.gserviceaccount.com",
}
CLIENT = "123456789012-a1b2c3.apps.googleusercontent.com"


@pytest.fixture
def endpoint(synthesize):
    def endpoint(**properties):
        def build(scope):
            made = Endpoint(scope, "endpoint", EndpointProps(**MINIMAL | properties))
            return {**made.hosts, "address": made.address, "apis": sorted(made.requirements.apis)}

        return synthesize(build)

    return endpoint


def test_without_a_domain_google_serves_the_names_which_are_new_each_time(endpoint, holds):
    """A deleted service keeps its name for 30 days."""
    stack = endpoint()
    suffix = "${random_id.<endpoint/suffix>.hex}"
    ui, argo = (
        f"{name}-{suffix}.endpoints.some-project.cloud.goog" for name in ("metaflow-default", "argo-metaflow-default")
    )
    holds(stack.values, {"ui": ui, "argo": argo})
    assert "servicemanagement.googleapis.com" in stack.values["apis"]
    for path, host in (("endpoint/name-ui", ui), ("endpoint/name-argo", argo)):
        made = stack["google_endpoints_service"][path]
        assert made["service_name"] == host
        assert '"target": "${google_compute_global_address.<endpoint/address>.address}"' in made["openapi_config"]


def test_a_domain_with_and_without_a_zone(endpoint):
    by_hand = endpoint(domain="ml.example.com")
    assert (by_hand.values["ui"], by_hand.values["argo"]) == ("ml.example.com", "argo.ml.example.com")
    assert not by_hand["google_endpoints_service"] | by_hand["google_dns_record_set"] | by_hand["random_id"]
    made = endpoint(domain="ml.example.com", dns_zone="example")
    records = {each["name"]: each["rrdatas"] for each in made["google_dns_record_set"].values()}
    address = ["${google_compute_global_address.<endpoint/address>.address}"]
    assert records == {"ml.example.com.": address, "argo.ml.example.com.": address}
    assert "dns.googleapis.com" in made.values["apis"]


def test_each_zone_s_nodes_are_behind_each_service(endpoint):
    stack = endpoint()
    for service in (UI, ARGO):
        backend = stack["google_compute_backend_service"][f"endpoint/{service.name}/service"]
        assert [each["group"] for each in backend["backend"]] == GROUPS
        ports = {
            (each["group"], each["zone"]): (each["name"], each["port"])
            for path, each in stack["google_compute_instance_group_named_port"].items()
            if path.startswith(f"endpoint/{service.name}/")
        }
        assert set(ports.values()) == {(service.name, service.node_port)}
        assert {group for group, _ in ports} == set(GROUPS)


def test_google_s_own_client_needs_neither_id_nor_secret(endpoint):
    backend = endpoint()["google_compute_backend_service"]["endpoint/ui/service"]
    assert backend["iap"] == {"enabled": True}
    own = endpoint(oauth_client_id=CLIENT, oauth_client_secret="client")
    assert own.data["google_secret_manager_secret_version"]["endpoint/oauth-client-secret"]["secret"] == "client"
    assert own["google_compute_backend_service"]["endpoint/ui/service"]["iap"]["oauth2_client_id"] == CLIENT


def test_a_network_of_others_gets_no_rule(endpoint):
    assert len(endpoint()["google_compute_firewall"]) == 1
    assert not endpoint(network=None)["google_compute_firewall"]


def test_the_rate_limit(endpoint):
    rules = endpoint(requests_per_minute=120).only("google_compute_security_policy")["rule"]
    assert rules[0]["rate_limit_options"]["rate_limit_threshold"] == {"count": 120, "interval_sec": 60}


def test_a_certificate_in_use_is_replaced_by_one_of_another_name(endpoint):
    """One in use cannot be deleted: the new one comes first, and so needs a name of its own."""
    names = [
        endpoint(domain=domain)["google_certificate_manager_certificate"]["endpoint/front/certificate-ui"]
        for domain in ("a.example.com", "b.example.com")
    ]
    assert names[0]["name"] != names[1]["name"]
    assert names[0]["lifecycle"] == {"create_before_destroy": True}


@pytest.mark.parametrize(
    ("choices", "where", "said"),
    [
        ({"domain": "https://ml.example.com"}, "domain", "no https://"),
        ({"domain": "*.example.com"}, "domain", "no *"),
        ({"domain": "localhost"}, "domain", "such as metaflow.example.com"),
        ({"domain": "10.0.0.1"}, "domain", "such as metaflow.example.com"),
        ({"domain": "ML.example.com"}, "domain", "lower case"),
        ({"domain": "a.endpoints.acme.cloud.goog"}, "domain", "remove it"),
        ({"dns_zone": "example"}, "dns_zone", "set domain"),
        ({"domain": "ml.example.com", "dns_zone": "example.com"}, "dns_zone", "gcloud dns managed-zones list"),
        ({"requests_per_minute": 0}, "requests_per_minute", "60 to 100000"),
        ({"oauth_client_id": CLIENT}, "oauth_client_secret", "gcloud secrets create"),
        ({"oauth_client_secret": "client"}, "oauth_client_secret", "set oauth_client_id"),
        ({"oauth_client_id": "me", "oauth_client_secret": "client"}, "oauth_client_id", "apps.googleusercontent.com"),
        (
            {"oauth_client_id": CLIENT, "oauth_client_secret": "projects/a/secrets/b"},
            "oauth_client_secret",
            "its name alone",
        ),
    ],
)
def test_wrong_choices(choices, where, said):
    checks = Checks()
    EndpointChoices(**choices).check(checks)
    [problem] = checks.problems
    assert problem.where == where
    assert said in f"{problem.allowed}\n{problem.fix}"


@pytest.mark.parametrize(
    ("properties", "where", "said"),
    [
        ({"services": ()}, "services", "what is to be reached"),
        (
            {"services": (ExposedService(name="ui", node_port=80, health_path="/", members=()),)},
            "services[0].node_port",
            "30000",
        ),
        (
            {"services": (ExposedService(name="ui", node_port=30000, health_path="/", members=("allUsers",)),)},
            "services[0].members[0]",
            "name the people",
        ),
    ],
)
def test_wrong_properties(properties, where, said, refused):
    refused(lambda: EndpointProps(**MINIMAL | properties), where, said)
