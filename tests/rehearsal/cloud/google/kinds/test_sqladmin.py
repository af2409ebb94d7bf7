"""Instances."""

import pytest

from rehearsal.protocol.errors import Refused
from tests.rehearsal.cloud.google.shapes import SQL, settings


def test_an_instance_over_private_service_connect(google):
    psc = {"psc_enabled": True, "allowed_consumer_projects": ["acme"]}
    settings = {
        "tier": "db-custom-2-8192",
        "edition": "ENTERPRISE",
        "ip_configuration": {"ipv4_enabled": False, "psc_config": psc},
    }
    state = google.create("google_sql_database_instance", name="db", database_version="POSTGRES_16", settings=settings)
    assert state["connection_name"] == "acme:us-west1:db"
    assert "/regions/us-west1/serviceAttachments/" in state["psc_service_attachment_link"]
    assert state["server_ca_cert"][0]["cert"].startswith("-----BEGIN CERTIFICATE-----")
    assert state["first_ip_address"] == ""
    assert state["id"] == "db"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"edition": None}, r"Invalid Tier \(db-custom-2-8192\) for \(ENTERPRISE_PLUS\)"),
        ({"tier": "db-perf-optimized-N-2"}, r"for \(ENTERPRISE\) Edition"),
        ({"ip_configuration": {"ipv4_enabled": False}}, "At least one of Public IP or Private IP or PSC"),
        (
            {"ip_configuration": {"private_network": "projects/acme/global/networks/vpc"}},
            "SERVICE_NETWORKING_NOT_ENABLED",
        ),
    ],
)
def test_an_instance_that_cannot_be(google, network, given, message):
    with pytest.raises(Refused, match=message):
        google.create("google_sql_database_instance", **SQL, settings=settings(**given))


def test_an_instances_name_stays_reserved(google):
    state = google.create("google_sql_database_instance", **SQL, settings=settings())
    google.delete("google_sql_database_instance", state)
    with pytest.raises(Refused, match="less than a week ago"):
        google.create("google_sql_database_instance", **SQL, settings=settings())
