"""The list that comes with the command, and what is computed from it."""

import datetime as dt
import json
from importlib import resources

import pytest

from metaflow_gcp_tools.platform import machine_types
from metaflow_gcp_tools.prices.book import EVERYWHERE, Book, machine
from metaflow_gcp_tools.prices.items import ITEMS

DOCUMENT = json.loads((resources.files("metaflow_gcp_tools.prices") / "prices.json").read_text("utf-8"))
REGIONS = {
    *("us-central1", "us-east1", "us-east4", "us-west1"),
    *("europe-west1", "europe-west2", "europe-west3", "europe-west4"),
    *("asia-east1", "asia-northeast1", "asia-southeast1"),
}

BOOK = Book.shipped()


def book(**rates):
    return Book(currency="USD", date="2026-01-01", source="the test", rates=rates)


def test_it_says_its_date_and_its_sources():
    assert dt.date.fromisoformat(DOCUMENT["date"])
    for source in DOCUMENT["sources"]:
        assert source["url"].startswith("https://")
        assert dt.date.fromisoformat(source["date"])
        assert source["facts"]


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_the_platform_of_the_two_settings_has_a_price_in_these_regions(region):
    for item in (
        *("gke/cluster", "machine/e2-standard-2", "machine/e2-standard-8", "machine/g2-standard-12"),
        *("machine/g2-standard-12/spot", "disk/pd-balanced", "sql/vcpu", "sql/memory", "sql/PD_SSD", "sql/backup"),
        *("nat/node", "nat/address", "nat/data", "psc/endpoint", "secret/version"),
        *("storage/standard", "registry/storage", "logging/volume"),
    ):
        assert BOOK.rate(item, region), item


def test_its_items_are_those_that_google_s_catalog_is_asked_for():
    """Those of machines are computed from their parts."""
    known = {item.name for item in ITEMS}
    listed = {name for name in DOCUMENT["rates"] if not name.startswith("machine/")}
    assert listed <= known
    places = {region for prices in DOCUMENT["rates"].values() for region in prices}
    # Buckets may lie in several regions.
    assert places == REGIONS | {EVERYWHERE, "us", "europe", "asia"}


def test_machines_with_gpus_are_those_of_the_catalogue_and_spot_is_cheaper():
    listed = {name.split("/")[1] for name in DOCUMENT["rates"] if name.startswith("machine/")}
    assert listed <= machine_types.gpu_machines().keys()
    for name in listed:
        for region in REGIONS:
            spot, full = (BOOK.rate(machine(name, how), region) for how in ("spot", "on demand"))
            assert spot is None or full is None or 0.05 * full < spot < full, (name, region)


@pytest.mark.parametrize(
    ("name", "price"),
    [
        # https://cloud.google.com/compute/vm-instance-pricing, Iowa
        ("e2-standard-2", 0.06701),
        ("e2-medium", 0.03351),
        ("e2-micro", 0.008376),
        ("n1-standard-8", 0.38),
        ("n2-highmem-4", 0.26203),
        ("c3-standard-8", 0.40301),
        ("n2-custom-4-16384", 0.19424 * 1.05),
        ("e2-custom-2-8192", 0.06701),
    ],
)
def test_a_machine_is_computed_from_its_vcpus_and_memory(name, price):
    assert BOOK.rate(machine(name, "on demand"), "us-central1") == pytest.approx(price, rel=0.01)


@pytest.mark.parametrize("name", ["a4-highgpu-8g", "c4-standard-8-lssd", "x9-standard-8", "nonsense"])
def test_what_is_not_known_has_no_price(name):
    assert BOOK.rate(machine(name, "on demand"), "us-central1") is None


def test_a_region_s_price_goes_before_that_of_everywhere():
    found = book(**{"nat/node": {EVERYWHERE: 1.0, "asia-east1": 2.0}})
    assert [found.rate("nat/node", region) for region in ("asia-east1", "us-west1")] == [2.0, 1.0]


@pytest.mark.parametrize("text", ["{}", "[]", '{"version": 1}', '{"version": 2}', "nonsense"])
def test_what_is_no_price_list_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        Book.parse(text, source="the test")
