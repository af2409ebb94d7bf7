"""Google's catalog, in a stand-in with SKUs as Google's are: what is taken from it, kept, and done without."""

import json
import runpy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from metaflow_gcp_tools.clients import google as google_apis
from metaflow_gcp_tools.prices import current
from metaflow_gcp_tools.prices.book import Book, machine
from tests.tools.stand_in_google import Refusal, StandInGoogle

ROOT = Path(__file__).parents[3]

SERVICES = {
    "Compute Engine": "services/6F81-5844-456A",
    "Networking": "services/E505-1604-58F8",
    "Cloud SQL": "services/9662-B51E-5089",
    "Kubernetes Engine": "services/CCD8-9BF1-090E",
    "Artifact Registry": "services/149C-F9EC-3994",
    "Cloud Storage": "services/95FF-2EF5-5EA1",
    "Cloud Run": "services/152E-C115-5142",
}


def sku(
    description: str, *prices: float, usage: str = "OnDemand", regions: tuple[str, ...] = ("us-west1",)
) -> dict[str, Any]:
    """A SKU; several prices are tiers."""
    tiers = [
        {
            "startUsageAmount": number,
            "unitPrice": {"currencyCode": "USD", "units": str(int(price)), "nanos": round(price % 1 * 1e9)},
        }
        for number, price in enumerate(prices)
    ]
    return {
        "skuId": description,
        "description": description,
        "category": {"usageType": usage, "resourceFamily": "Any"},
        "serviceRegions": list(regions),
        "pricingInfo": [{"pricingExpression": {"usageUnit": "h", "tieredRates": tiers}}],
    }


SKUS = {
    "Compute Engine": [
        sku("Commitment v1: G2 Cpu in Americas for 1 Year", 0.01, usage="Commit1Yr"),
        sku("G2 Custom Instance Core running in Americas", 9),
        sku("G2 Sole Tenancy Instance Core running in Americas", 9),
        sku("G2 Instance Core running in Americas", 0.024988),
        sku("G2 Instance Ram running in Americas", 0.002927),
        sku("Spot Preemptible G2 Instance Core running in Americas", 0.01, usage="Preemptible"),
        sku("Spot Preemptible G2 Instance Ram running in Americas", 0.001, usage="Preemptible"),
        sku("Nvidia L4 GPU attached to DWS Defined Duration VMs running in Americas", 0.3),
        sku("DWS Defined Duration G2 Core running in Americas", 0.012),
        sku("DWS Defined Duration G2 Ram running in Americas", 0.0015),
        sku("Reserved Nvidia L4 GPU in Americas", 0),
        sku("Nvidia L4 GPU running in Americas", 0.56004),
        sku("Nvidia L4 GPU attached to Spot Preemptible VMs running in Americas", 0.2, usage="Preemptible"),
        sku("A3 Instance Core running in Americas", 9),
        sku("A3 Instance Ram running in Americas", 9),
        sku("A3Plus Instance Core running in Americas", 0.026924),
        sku("A3Plus Instance Ram running in Americas", 0.002344),
        sku("Nvidia H100 80GB Plus GPU running in Americas", 10.344276),
        sku("SSD backed Local Storage", 0.08),
        sku("Balanced PD Capacity", 0, 0.1),
        sku("Regional Balanced PD Capacity", 0.2),
    ],
    "Networking": [sku("Networking Cloud Nat Gateway Uptime", 0.0014, regions=("global",))],
    "Cloud SQL": [
        sku("Cloud SQL for MySQL: Zonal - vCPU in Americas", 9),
        sku("Cloud SQL for PostgreSQL: Regional - vCPU in Americas", 0.0826),
        sku("Cloud SQL for PostgreSQL: Zonal - Enterprise Plus N vCPU in Oregon", 0.0537),
        sku("Cloud SQL for PostgreSQL: Zonal - vCPU in Americas", 0.0413),
    ],
    "Kubernetes Engine": [sku("Regional Kubernetes Clusters", 0.1, regions=("global",))],
    "Cloud Storage": [
        sku("Standard Storage Oregon Dual-region", 9),
        sku("Standard Storage Oregon", 0, 0.02),
        sku("Standard Storage US Multi-region", 0.026, regions=("us",)),
        sku("Nearline Storage Oregon", 0.01),
    ],
    "Artifact Registry": [sku("Artifact Registry Storage", 0, 0.1, regions=("global",))],
}


@dataclass
class Shop:
    """Google's catalog, a project with a billing account, and a home."""

    home: Path
    patch: pytest.MonkeyPatch
    google: StandInGoogle = field(default_factory=StandInGoogle)

    def load(self, currency: str = "", **environment: str) -> current.Found:
        with self.google.serving() as served, self.patch.context() as patch:
            for name, value in {"HOME": str(self.home), "XDG_CACHE_HOME": str(self.home), **served}.items():
                patch.setenv(name, value)
            for name, value in environment.items():
                patch.setenv(name, value) if value else patch.delenv(name)
            google_apis.credentials.cache_clear()
            found = current.load("acme-metaflow", currency)
            google_apis.credentials.cache_clear()
            return found

    @property
    def asked(self) -> int:
        return len(self.google.calls_of("cloudbilling.services.skus.list"))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop = Shop(tmp_path, monkeypatch)
    google = shop.google
    google.use("cloudbilling", "v1")
    names = {name: each for each, name in SERVICES.items()}
    google.answer(
        "cloudbilling.services.list",
        {"services": [{"name": name, "displayName": each} for each, name in SERVICES.items()]},
    )

    def skus(call: Any) -> dict[str, Any]:
        """In two pages."""
        found = SKUS[names[call.parameters["parent"]]]
        half = len(found) // 2
        return (
            {"skus": found[half:]} if "pageToken" in call.parameters else {"skus": found[:half], "nextPageToken": "2"}
        )

    google.answer("cloudbilling.services.skus.list", skus)
    google.answer("cloudbilling.projects.getBillingInfo", {"billingAccountName": "billingAccounts/1"})
    google.answer("cloudbilling.billingAccounts.get", {"name": "billingAccounts/1", "currencyCode": "EUR"})
    return shop


def test_prices_are_those_of_google_s_own_skus(shop):
    book = shop.load("USD").book
    assert book.source == "Google's Cloud Billing Catalog"
    rates = {
        "vcpu/g2": 0.024988,
        "gpu/nvidia-l4": 0.56004,
        "gpu/nvidia-l4/flex-start": 0.3,
        "disk/pd-balanced": 0.1,
        "sql/vcpu": 0.0413,
        "nat/node": 0.0014,
        "gke/cluster": 0.1,
        "registry/storage": 0.1,
    }
    assert {item: book.rate(item, "us-west1") for item in rates} == pytest.approx(rates)
    assert book.rate("sql/vcpu", "europe-west9") is None
    assert [book.rate("storage/standard", place) for place in ("us-west1", "us")] == [0.02, 0.026]


def test_a_machine_with_gpus_is_the_sum_of_its_parts(shop):
    book = shop.load("USD").book
    hours = [book.rate(machine("g2-standard-12", how), "us-west1") for how in ("on demand", "spot", "flex-start")]
    assert hours == pytest.approx(
        [
            12 * 0.024988 + 48 * 0.002927 + 0.56004,
            12 * 0.01 + 48 * 0.001 + 0.2,
            12 * 0.012 + 48 * 0.0015 + 0.3,
        ]
    )
    assert book.rate(machine("a2-highgpu-1g", "on demand"), "us-west1") is None
    assert book.rate(machine("a3-megagpu-8g", "on demand"), "us-west1") == pytest.approx(
        208 * 0.026924 + 1872 * 0.002344 + 8 * 10.344276 + 6000 * 0.08 / 730
    )


def test_services_that_nothing_is_needed_of_are_not_asked_for(shop):
    shop.load("USD")
    parents = {call.parameters["parent"] for call in shop.google.calls_of("cloudbilling.services.skus.list")}
    assert parents == set(SERVICES.values()) - {SERVICES["Cloud Run"]}


def test_the_currency_is_the_billing_account_s(shop):
    assert shop.load().book.currency == "EUR"
    assert {call.parameters["currencyCode"] for call in shop.google.calls_of("cloudbilling.services.skus.list")} == {
        "EUR"
    }


@pytest.mark.parametrize("method", ["cloudbilling.projects.getBillingInfo", "cloudbilling.billingAccounts.get"])
def test_who_may_not_see_the_billing_account_gets_dollars(shop, method):
    shop.google.answer(method, Refusal(403, "no rights"))
    assert shop.load().book.currency == "USD"


def test_a_list_is_kept_for_a_week(shop):
    shop.load("USD")
    asked = shop.asked
    assert shop.load("USD").book.rate("sql/vcpu", "us-west1") == 0.0413
    assert shop.asked == asked
    [file] = shop.home.rglob("prices-USD.json")
    kept = json.loads(file.read_text())
    assert date.fromisoformat(kept["date"]) == datetime.now(UTC).date()
    kept["date"] = (datetime.now(UTC).date() - timedelta(days=7)).isoformat()
    file.write_text(json.dumps(kept))
    shop.load("USD")
    assert shop.asked == 2 * asked


@pytest.mark.parametrize("text", ["", "{", '{"version": 99}', "[]"])
def test_a_kept_list_that_is_damaged_is_fetched_again(shop, text):
    shop.load("USD")
    [file] = shop.home.rglob("prices-USD.json")
    file.write_text(text)
    asked = shop.asked
    assert shop.load("USD").book.rate("sql/vcpu", "us-west1") == 0.0413
    assert shop.asked > asked


def test_an_api_key_is_enough(shop):
    found = shop.load("USD", GOOGLE_API_KEY="a-key", GOOGLE_OAUTH_ACCESS_TOKEN="")
    assert found.book.rate("sql/vcpu", "us-west1") == 0.0413


@pytest.mark.parametrize("refusal", [Refusal(403, "no rights"), Refusal(404, "gone")])
def test_without_google_s_list_there_is_the_one_that_comes_along(shop, refusal):
    shop.google.answer("cloudbilling.services.list", refusal)
    found = shop.load("USD")
    assert found.why_shipped
    assert found.book.source == "metaflow-gcp's built-in price list"
    assert not list(shop.home.rglob("prices-*.json"))


def test_a_list_that_cannot_be_kept_is_used_all_the_same(shop):
    (shop.home / "metaflow-gcp").write_text("a file where the folder would be")
    assert shop.load("USD").book.rate("sql/vcpu", "us-west1") == 0.0413


def test_the_list_that_comes_along_is_written_from_it(shop):
    shop.load("USD")
    [file] = shop.home.rglob("prices-USD.json")
    write = runpy.run_path(str(ROOT / "scripts" / "prices.py"))["document"]
    before = {"rates": {"any": {"us-west1": 1.0}}}
    book = Book.parse(write(file.read_text(), before), source="the test")
    assert book.rate("sql/vcpu", "us-west1") == 0.0413
    assert book.rate("gke/cluster", "us-west1") == 0.1
    elsewhere = {"rates": {"any": {"asia-east1": 1.0}}}
    assert Book.parse(write(file.read_text(), elsewhere), source="the test").rate("sql/vcpu", "us-west1") is None
