"""The endpoint's checks: none while it is off; each with its fix."""

import json

import pytest

from tests.tools.stand_in_google import Refusal

ON = {"domain": None, "dns_zone": None, "own_oauth_client": False}


@pytest.fixture
def with_endpoint(out, checks):
    def with_endpoint(**endpoint):
        file = out / "platform.json"
        file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"endpoint": ON | endpoint}), "utf-8")
        return {name: each for name, each in checks().items() if name.startswith("endpoint:")}

    return with_endpoint


def test_off_nothing_is_asked(checks, cloud):
    assert not [name for name in checks() if name.startswith("endpoint:")]
    assert not [call for call in cloud.google.calls if "OrgPolicy" in call.method or call.method.startswith("dns.")]


def test_all_is_well(with_endpoint):
    found = with_endpoint(domain="ml.example.com", dns_zone="example")
    assert {name: each["state"] for name, each in found.items()} == {
        "endpoint: sign-in": "PASS",
        "endpoint: load balancer": "PASS",
        "endpoint: zone": "PASS",
    }


def test_a_project_without_an_organisation(cloud, with_endpoint):
    del cloud.project["parent"]
    found = with_endpoint()["endpoint: sign-in"]
    assert found["state"] == "FAIL"
    assert "belongs to no organisation" in found["says"]
    assert "endpoint.oauth_client_id" in found["next_step"]
    assert with_endpoint(own_oauth_client=True)["endpoint: sign-in"]["state"] == "PASS"


@pytest.mark.parametrize(
    ("policy", "state"),
    [
        ({"allValues": "DENY"}, "FAIL"),
        ({"deniedValues": ["in:EXTERNAL"]}, "FAIL"),
        ({"deniedValues": ["GLOBAL_EXTERNAL_MANAGED_HTTP_HTTPS"]}, "FAIL"),
        ({"allowedValues": ["in:INTERNAL"]}, "FAIL"),
        ({"allowedValues": ["in:INTERNAL", "GLOBAL_EXTERNAL_MANAGED_HTTP_HTTPS"]}, "PASS"),
        ({"deniedValues": ["EXTERNAL_NETWORK_TCP_UDP"]}, "PASS"),
        ({}, "PASS"),
    ],
)
def test_a_policy_about_load_balancers(cloud, with_endpoint, policy, state):
    cloud.load_balancers = {"listPolicy": policy}
    found = with_endpoint()["endpoint: load balancer"]
    assert found["state"] == state
    assert ("ask its administrators" in found["next_step"]) is (state == "FAIL")


def test_who_may_not_see_the_policy_deploys_all_the_same(cloud, with_endpoint):
    cloud.load_balancers = Refusal(403, "The caller does not have permission")
    assert with_endpoint()["endpoint: load balancer"]["state"] == "SKIP"


@pytest.mark.parametrize(
    ("zone", "says"),
    [
        ({"dnsName": "example.org.", "visibility": "public"}, "is not in the zone"),
        ({"dnsName": "ple.com.", "visibility": "public"}, "is not in the zone"),
        ({"dnsName": "example.com.", "visibility": "private"}, "is private"),
        (Refusal(404, "not found", "notFound"), "has no zone example"),
    ],
)
def test_a_wrong_zone(cloud, with_endpoint, zone, says):
    cloud.zone = zone
    found = with_endpoint(domain="ml.example.com", dns_zone="example")["endpoint: zone"]
    assert (found["state"], says in found["says"]) == ("FAIL", True)
