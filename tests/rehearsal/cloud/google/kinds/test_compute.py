"""Networks, addresses, forwarding rules."""

import ipaddress

import pytest

from rehearsal.protocol.errors import Refused
from tests.rehearsal.cloud.google.shapes import SQL, settings


def test_internal_addresses_lie_in_their_subnet_and_differ(google, network):
    first, second = (
        google.create("google_compute_address", name=name, address_type="INTERNAL", subnetwork="nodes")["address"]
        for name in "ab"
    )
    assert first != second
    assert {ipaddress.ip_address(each) in ipaddress.ip_network("10.0.0.0/24") for each in (first, second)} == {True}


def test_a_forwarding_rule_takes_its_address(google, network):
    address = google.create("google_compute_address", name="a", address_type="INTERNAL", subnetwork="nodes")
    rule = google.create("google_compute_forwarding_rule", name="r", ip_address=address["id"], network="vpc")
    assert rule["ip_address"] == address["id"]
    by_itself = google.create("google_compute_forwarding_rule", name="s", network="vpc")
    assert ipaddress.ip_address(by_itself["ip_address"])


def test_overlapping_ranges(google, network):
    with pytest.raises(
        Refused, match=r"Invalid IPCidrRange: 10\.5\.0\.0/16 .* conflicts with existing subnetwork 'nodes'"
    ):
        google.create("google_compute_subnetwork", name="more", network="vpc", ip_cidr_range="10.5.0.0/16")


def test_an_address_outside_its_subnet_or_taken(google, network):
    wanted = {"address_type": "INTERNAL", "subnetwork": "nodes"}
    with pytest.raises(Refused, match=r"192\.168\.0\.9 is outside"):
        google.create("google_compute_address", name="a", address="192.168.0.9", **wanted)
    google.create("google_compute_address", name="b", address="10.0.0.9", **wanted)
    with pytest.raises(Refused, match="is in use by"):
        google.create("google_compute_address", name="c", address="10.0.0.9", **wanted)


def test_a_service_attachment_lets_only_some_in(google, network):
    psc = {"psc_enabled": True, "allowed_consumer_projects": ["another"]}
    instance = google.create(
        "google_sql_database_instance",
        **SQL,
        settings=settings(ip_configuration={"ipv4_enabled": False, "psc_config": psc}),
    )
    with pytest.raises(Refused, match="allowed_consumer_projects of db"):
        google.create(
            "google_compute_forwarding_rule", name="r", network="vpc", target=instance["psc_service_attachment_link"]
        )
    with pytest.raises(Refused, match="was not found"):
        google.create(
            "google_compute_forwarding_rule",
            name="r",
            network="vpc",
            target="projects/x/regions/y/serviceAttachments/z",
        )


def test_a_firewall_that_logs_can_be_planned_again(google, network):
    """The provider does not read `enable_logging` back; false there would be refused beside `log_config`."""
    rule = {"name": "f", "network": "vpc", "source_ranges": ["0.0.0.0/0"], "allow": {"protocol": "tcp"}}
    rule["log_config"] = {"metadata": "INCLUDE_ALL_METADATA"}
    state = google.read("google_compute_firewall", google.create("google_compute_firewall", **rule))
    assert state["enable_logging"] is None
    assert google.plan("google_compute_firewall", state, **rule)["log_config"] == state["log_config"]


def test_another_way_to_name_the_network_does_not_replace_the_subnet(google, network):
    [subnet] = google.provider.cloud.all("google_compute_subnetwork")
    link = "https://www.googleapis.com/compute/v1/projects/acme/global/networks/vpc"
    given = {
        "name": "nodes",
        "ip_cidr_range": "10.0.0.0/24",
        "secondary_ip_range": [{"range_name": "pods", "ip_cidr_range": "10.4.0.0/14"}],
    }
    planned = google.plan("google_compute_subnetwork", {**subnet.state, "network": link}, network="vpc", **given)
    assert planned["network"] == link
