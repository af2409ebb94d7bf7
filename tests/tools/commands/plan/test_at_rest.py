"""What costs at rest, in words: by type of resource, as synth writes it and as Terraform plans it."""

import pytest

from metaflow_gcp_tools.commands.plan.at_rest import PARTS, parts
from metaflow_gcp_tools.commands.plan.contents import Stacks
from metaflow_gcp_tools.prices.book import HOURS, Book


@pytest.fixture
def stacks_of(platforms):
    return lambda settings: Stacks.read(platforms[settings].folder)


@pytest.fixture
def lines(stacks_of):
    return lambda settings: [part.what for part in parts(stacks_of(settings))]


def of(type_, **attributes):
    return Stacks({"infra": {"resource": {type_: {"it": attributes}}}})


def test_of_the_two_settings(lines):
    assert lines("minimal") == [
        "GKE's management fee for the cluster gke-metaflow-default",
        "logs (the first 50 GiB a month are free)",
        "1 node of the pool system: e2-standard-2, 50 GB pd-balanced",
        "Cloud SQL db-custom-1-3840 with 10 GB PD_SSD, which grows by itself",
        "7 database backups (estimate: the size of the initial disk)",
        "1 disk of 10Gi for the event bus",
        "Cloud NAT gateway with its address, used by 1 node",
        "Private Service Connect endpoint for the database",
        "secret version in Secret Manager",
        "objects in the bucket storage-acme-acme-metaflow-metaflow-default; deleted objects are kept for 7 more days",
        "images in the registry artifact-acme-acme-metaflow-metaflow-default-hub",
        "images in the registry artifact-acme-acme-metaflow-metaflow-default",
    ]


def test_of_nodes_that_stay_and_a_standby(lines):
    found = lines("everything")
    assert "1 node of the pool t4: n1-standard-8, 2 x nvidia-tesla-t4, 200 GB pd-balanced" in found
    assert "2 nodes of the pool system: n4-standard-2, 100 GB hyperdisk-balanced" in found
    assert any("and a standby of the same size" in line for line in found)


def test_what_is_not_ours_does_not_cost_here(lines):
    """In a network that is there already, the way out is somebody else's."""
    assert not [line for line in lines("existing-network") if "NAT" in line]


def test_a_standby_doubles_the_instance_and_not_its_backups():
    settings = {"tier": "db-custom-2-7680", "disk_size": 20, "disk_type": "PD_SSD"}
    backups = {"backup_configuration": {"backup_retention_settings": {"retained_backups": 7}}}
    [alone] = parts(of("google_sql_database_instance", settings=settings))
    both, kept = parts(
        of("google_sql_database_instance", settings=settings | backups | {"availability_type": "REGIONAL"})
    )
    assert alone.uses == {"sql/PD_SSD": 20, "sql/vcpu": 2 * HOURS, "sql/memory": 7.5 * HOURS}
    assert both.uses == {item: 2 * units for item, units in alone.uses.items()}
    assert kept.uses == {"sql/backup": 20}


def test_a_shared_core_is_an_item_of_its_own():
    settings = {"tier": "db-g1-small", "disk_size": 10, "disk_type": "PD_HDD"}
    [part] = parts(of("google_sql_database_instance", settings=settings))
    assert part.uses == {"sql/PD_HDD": 10, "sql/db-g1-small": HOURS}


@pytest.mark.parametrize(
    ("scheme", "item"), [("", "psc/endpoint"), (None, "psc/endpoint"), ("EXTERNAL_MANAGED", "lb/forwarding-rule")]
)
def test_a_forwarding_rule_is_an_endpoint_or_a_load_balancer_s(scheme, item):
    [part] = parts(of("google_compute_forwarding_rule", name="it", load_balancing_scheme=scheme))
    assert part.uses == {item: HOURS}


def test_a_policy_of_cloud_armor_costs_by_its_rules():
    [part] = parts(of("google_compute_security_policy", name="it", rule=[{"priority": 1}, {"priority": 2}]))
    assert part.uses == {"armor/policy": 1, "armor/rule": 2}


def test_the_forwarding_rules_of_a_load_balancer_have_one_price():
    rules = {"http": {"name": "http"}, "https": {"name": "https"}}
    [part] = parts(Stacks({"infra": {"resource": {"google_compute_global_forwarding_rule": rules}}}))
    assert part.uses == {"lb/forwarding-rule": HOURS}


@pytest.mark.parametrize(("location", "place"), [("US-WEST1", "us-west1"), ("EU", "europe"), ("NAM4", "nam4")])
def test_a_bucket_is_paid_for_where_it_lies(location, place):
    [part] = parts(of("google_storage_bucket", name="it", location=location))
    assert part.location == place
    assert (Book.shipped().rate("storage/standard", place) is None) == (place == "nam4")


def test_each_entry_says_something_of_its_type(stacks_of):
    """Of what some settings create."""
    created = {
        type_
        for settings in ("minimal", "everything")
        for stack in stacks_of(settings).configurations.values()
        for type_ in stack.get("resource", {})
    }
    assert PARTS.keys() <= created


@pytest.mark.parametrize("type_", PARTS)
def test_what_terraform_does_not_know_yet_is_no_fault(type_):
    """A plan leaves it out."""
    for attributes in ({}, {"settings": [{}], "autoscaling": [{"total_min_node_count": 1}], "values": [None]}):
        assert all(part.what for part in parts(of(type_, **attributes)))
