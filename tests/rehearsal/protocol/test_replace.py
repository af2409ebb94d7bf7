"""Changes that take a new object."""

import pytest

from rehearsal.protocol.plan import replacements


def replaces(asked, type_, before, after):
    schema = asked.provider.schema("resource", type_)
    prior = asked.plan(type_, **before)
    return replacements(schema, prior, asked.plan(type_, prior, **after))


SUBNET = {"name": "nodes", "network": "vpc"}


DATABASE = {"name": "db", "database_version": "POSTGRES_16"}


@pytest.mark.parametrize(
    ("type_", "before", "after", "replaced"),
    [
        ("google_compute_subnetwork", {"ip_cidr_range": "10.0.0.0/20"}, {"ip_cidr_range": "10.0.0.0/19"}, False),
        ("google_compute_subnetwork", {"ip_cidr_range": "10.0.0.0/20"}, {"ip_cidr_range": "10.16.0.0/20"}, True),
        ("google_compute_subnetwork", {"ip_cidr_range": "10.0.0.0/20"}, {"ip_cidr_range": "10.0.0.0/21"}, True),
        (
            "google_container_cluster",
            {"enable_fqdn_network_policy": False},
            {"enable_fqdn_network_policy": True},
            False,
        ),
        ("google_container_cluster", {"enable_fqdn_network_policy": True}, {"enable_fqdn_network_policy": False}, True),
        ("google_sql_database_instance", {"disk_size": 10}, {"disk_size": 20}, False),
        ("google_sql_database_instance", {"disk_size": 20}, {"disk_size": 10}, True),
        ("google_sql_database_instance", {"private_network": "n"}, {"private_network": ""}, True),
        ("google_storage_bucket", {"is_locked": True}, {"is_locked": False}, True),
    ],
)
def test_what_takes_a_new_object(google, type_, before, after, replaced):
    def given(change):
        if type_ == "google_compute_subnetwork":
            return SUBNET | change
        if type_ == "google_container_cluster":
            return {"name": "c", "location": "us-west1"} | change
        if type_ == "google_storage_bucket":
            return {"name": "b", "location": "US", "retention_policy": {"retention_period": "1"} | change}
        network = {"ip_configuration": change} if "private_network" in change else change
        return DATABASE | {"settings": {"tier": "db-custom-1-3840", **network}}

    assert bool(replaces(google, type_, given(before), given(after))) is replaced
