"""What a plan costs: the platform of the two settings, by hand from what Google publishes, and what changes add."""

import json
import re

import pytest

from metaflow_gcp_tools.clients import google as google_apis
from metaflow_gcp_tools.commands.plan import costs
from metaflow_gcp_tools.commands.plan.contents import Stacks
from metaflow_gcp_tools.prices.book import Book
from tests.tools.commands.plan.conftest import resource

BY_HAND = {
    # Google's numbers for us-west1, as their pages and people who quote them have them; not those of prices.json,
    # which come from elsewhere. 730 hours are a month.
    # https://cloud.google.com/kubernetes-engine/pricing, 2026-11-25: 0.10 an hour; no credit for regional clusters.
    "GKE's management fee": 0.10 * 730,
    # https://cloud.google.com/compute/vm-instance-pricing: e2-standard-2 is 48.92 a month in Oregon, and
    # https://cloud.google.com/compute/disks-image-pricing: 0.10 for a GB of a balanced disk.
    "1 node of the pool system": 48.92 + 50 * 0.10,
    # https://cloud.google.com/sql/pricing: 30.15 a month for a vCPU, 5.11 for a GB of memory, 0.17 for a GB on SSD.
    "Cloud SQL db-custom-1-3840": 30.15 + 3.75 * 5.11 + 10 * 0.17,
    # The same page: 0.08 for a GB of backups.
    "7 database backups": 10 * 0.08,
    "1 disk of 10Gi": 10 * 0.10,
    # https://cloud.google.com/nat/pricing, 2026-11-25: 0.0014 an hour for a node, 0.005 for an address.
    "Cloud NAT": 0.0014 * 730 + 0.005 * 730,
    # https://cloud.google.com/vpc/network-pricing: 0.01 an hour for an endpoint.
    "Private Service Connect endpoint": 0.01 * 730,
    # https://cloud.google.com/secret-manager/pricing: 0.06 a month.
    "secret version": 0.06,
}

HOURS_BY_HAND = {
    # https://cloud.google.com/compute/gpus-pricing and /compute/vm-instance-pricing, Oregon: a vCPU of G2 0.024988, a
    # GB of its memory 0.002927, an L4 0.560040; 200 GB of a balanced disk; and Cloud NAT.
    "l4": 12 * 0.024988 + 48 * 0.002927 + 0.560040 + 200 * 0.10 / 730 + 0.0014,
    # E2: 0.021811 and 0.002923.
    "system": 2 * 0.021811 + 8 * 0.002923 + 50 * 0.10 / 730 + 0.0014,
    "cpu": 8 * 0.021811 + 32 * 0.002923 + 100 * 0.10 / 730 + 0.0014,
}


@pytest.fixture
def minimal(platforms):
    return Stacks.read(platforms["minimal"].folder)


@pytest.fixture
def everything(platforms):
    return Stacks.read(platforms["everything"].folder)


def test_each_part_is_within_5_percent_of_a_calculation_by_hand(minimal):
    found = costs.of(minimal, Book.shipped(), "us-west1")
    priced = {cost.what: cost.month for cost in found.at_rest if cost.month}
    assert len(priced) == len(BY_HAND)
    for what, month in BY_HAND.items():
        [computed] = [each for name, each in priced.items() if name.startswith(what)]
        assert computed == pytest.approx(month, rel=0.05), what
    assert found.month == pytest.approx(sum(BY_HAND.values()), rel=0.01)
    assert not found.unknown


def test_an_hour_of_each_pool_s_node_is_within_5_percent_of_a_calculation_by_hand(minimal):
    hours = {each.pool: each.hour.price for each in costs.of(minimal, Book.shipped(), "us-west1").hours}
    assert hours == {pool: pytest.approx(price, rel=0.05) for pool, price in HOURS_BY_HAND.items()}


def test_what_the_list_does_not_know_is_said_and_not_counted_as_nothing(minimal):
    found = costs.of(minimal, Book.shipped(), "me-central1")
    assert found.unknown == [
        "1 node of the pool system: e2-standard-2, 50 GB pd-balanced",
        "Cloud SQL db-custom-1-3840 with 10 GB PD_SSD, which grows by itself",
        "7 database backups (estimate: the size of the initial disk)",
        "1 disk of 10Gi for the event bus",
    ]
    assert all((each.hour.price, each.hour.at_most) == (None, False) for each in found.hours)


def test_spot_and_flex_start_cost_less(everything):
    hours = {each.pool: each for each in costs.of(everything, Book.shipped(), "us-central1").hours}
    spot = hours["l4-spot"]
    assert (spot.provisioning, spot.hour.at_most) == ("spot", False)
    assert spot.hour.price == pytest.approx(1.124816 + 300 * 0.17 / 730 + 0.0014, rel=0.001)
    full = 2.000832 + 300 * 0.17 / 730 + 0.0014
    assert spot.hour.discount == pytest.approx(1 - spot.hour.price / full, abs=0.001)
    flex = hours["h100-flex"]
    assert flex.provisioning == "flex-start"
    # 8 H100, 208 vCPUs, 1872 GB and 6000 GB of local SSD: 38.32, on demand 88.49.
    assert flex.hour.price == pytest.approx(38.32, rel=0.01)


def test_what_is_known_on_demand_only_is_an_upper_bound():
    pool = {"name": "it", "node_config": {"machine_type": "g2-standard-4", "flex_start": True}}
    stacks = Stacks({"infra": {"resource": {"google_container_node_pool": {"it": pool}}}})
    [found] = costs.of(stacks, Book.shipped(), "us-west1").hours
    assert (found.hour.at_most, found.hour.discount) == (True, 0)
    assert found.hour.price == pytest.approx(0.7068 + 100 * 0.1 / 730 + 0.0014, rel=0.001)


def database(tier, **more):
    settings = {"tier": tier, "disk_size": 10, "disk_type": "PD_SSD", **more}
    return {"name": "it", "settings": [settings]}


def planned(*resources, region="us-west1"):
    expressions = {"region": {"constant_value": region}, "project": {"constant_value": "acme-metaflow"}}
    return {
        "resource_changes": list(resources),
        "configuration": {"provider_config": {"google": {"expressions": expressions}}},
    }


def test_a_change_costs_the_difference():
    before, after = database("db-custom-1-3840"), database("db-custom-2-7680")
    same = {"name": "it", "load_balancing_scheme": ""}
    found = costs.difference(
        planned(
            resource("google_sql_database_instance", "update", before=before, after=after),
            resource("google_compute_forwarding_rule", "no-op", before=same, after=same),
        ),
        Book.shipped(),
    )
    assert found.month == pytest.approx(30.15 + 3.75 * 5.11, rel=0.01)
    assert [cost.what for cost in found.gone] == ["Cloud SQL db-custom-1-3840 with 10 GB PD_SSD"]
    assert [cost.what for cost in found.new] == ["Cloud SQL db-custom-2-7680 with 10 GB PD_SSD"]


@pytest.mark.parametrize(("action", "month"), [("create", 7.30), ("delete", -7.30)])
def test_what_is_created_and_what_is_destroyed_counts(action, month):
    one = {"name": "it", "load_balancing_scheme": ""}
    before, after = (None, one) if action == "create" else (one, None)
    plan = planned(resource("google_compute_forwarding_rule", action, before=before, after=after))
    assert costs.difference(plan, Book.shipped()).month == pytest.approx(month)


def test_of_two_equal_parts_one_may_go():
    one = {"name": "it", "load_balancing_scheme": ""}
    found = costs.difference(
        planned(
            resource("google_compute_forwarding_rule", "delete", before=one, after=None, name="a"),
            resource("google_compute_forwarding_rule", "no-op", before=one, after=one, name="b"),
        ),
        Book.shipped(),
    )
    assert len(found.gone) == 1
    assert not found.new


@pytest.fixture(autouse=True)
def nobody_is_logged_in():
    google_apis.credentials.cache_clear()


OFFLINE = {"NO_GCE_CHECK": "true"}
"""google-auth asks for the machine's own credentials otherwise, and waits for them."""


def test_the_program_shows_prices_and_where_they_are_from(run_here, platforms):
    ran = run_here("plan", "--prices", "--out", str(platforms["minimal"].folder), **OFFLINE)
    assert ran.exit_code == 0
    assert "What you pay for while no task runs, in us-west1" in ran.stdout
    assert re.search(r"GKE's management fee for the cluster gke-metaflow-default +73\.00", ran.stdout)
    assert re.search(r"total, without usage-based costs +191\.\d\d", ran.stdout)
    assert re.search(r"pool l4: g2-standard-12, 1 x nvidia-l4 +on demand +1\.029", ran.stdout)
    assert "Prices: metaflow-gcp's built-in price list of 2026-07-30. Not included: taxes" in ran.stdout
    assert (
        "Could not read Google's current price list: there are no credentials for Google Cloud on this machine"
        in ran.stdout
    )


def test_the_program_shows_prices_as_json(run_here, platforms):
    ran = run_here("plan", "--prices", "--json", "--out", str(platforms["minimal"].folder), **OFFLINE)
    result = ran.document["result"]
    assert result["prices"]["currency"] == "USD"
    assert result["prices"]["why_not_newer"].startswith("there are no credentials")
    found = result["deployment"]["costs"]
    assert found["month"] == pytest.approx(191.8, abs=0.1)
    assert found["at_rest"][0] == {
        "what": "GKE's management fee for the cluster gke-metaflow-default",
        "month": pytest.approx(73),
        "by_use": [],
    }
    assert {"pool", "machine", "provisioning", "hour"} == found["nodes"][0].keys()


def test_a_real_change_shows_what_it_adds(run_here, real_plans):
    """Without GPU pools, which cost nothing at rest, and with a larger database."""
    ran = run_here("plan", "--prices", "--changes", str(real_plans.no_gpus), **OFFLINE)
    # As docs/commands/plan.md shows it.
    assert "At rest: + 49.31 USD a month (190.77 -> 240.08)" in ran.stdout
    assert "  + 100.32: Cloud SQL db-custom-2-7680 with 10 GB PD_SSD" in ran.stdout
    document = run_here("plan", "--prices", "--json", "--changes", str(real_plans.no_gpus), **OFFLINE).document
    [change] = document["result"]["changes"]
    assert change["costs"]["month"] == pytest.approx(49.3, abs=0.5)
    assert json.dumps(change["costs"]["new"]).count("db-custom-2-7680") == 1


def test_without_prices_nothing_is_asked_for(run_here, platforms):
    result = run_here("plan", "--json", "--out", str(platforms["minimal"].folder)).document["result"]
    assert "prices" not in result
    assert "costs" not in result["deployment"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--prices", "--currency", "euro"), "'euro' is not a currency code"),
        (("--currency", "EUR"), "requires --prices"),
    ],
)
def test_a_currency_that_is_none(run_here, options, said):
    ran = run_here("plan", *options)
    assert ran.exit_code == 2
    assert said in ran.stderr
