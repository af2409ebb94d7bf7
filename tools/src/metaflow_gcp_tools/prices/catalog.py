"""Google's public price list, by the Cloud Billing Catalog API.

https://cloud.google.com/billing/v1/how-tos/catalog-api
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from metaflow_gcp_tools.clients import google as google_apis
from metaflow_gcp_tools.platform import machine_types
from metaflow_gcp_tools.prices.book import EVERYWHERE, HOURS, VERSION, Book
from metaflow_gcp_tools.prices.items import FAMILIES, ITEMS, LOCAL_SSD_GB, Item

SOURCE = "Google's Cloud Billing Catalog"

TIMEOUT_SECONDS = 60.0
"""Of a request: an answer has 5000 SKUs."""

Rates = dict[str, dict[str, float]]


def fetch(currency: str, by: Any = None) -> str:
    """The price list as `Book.parse` reads it: some 20 requests. Raises `Unanswered`. `by`: as `google_apis.call`."""
    rates: Rates = {}
    wanted: dict[str, list[Item]] = {}
    for item in ITEMS:
        wanted.setdefault(item.service, []).append(item)
    # Without patience at first: where nothing can be reached, that is known soon.
    first = partial(google_apis.call, retries=0, by=by)
    ask = partial(google_apis.call, timeout=TIMEOUT_SECONDS, by=by)
    services = [each for page in google_apis.pages("cloudbilling.services.list", first) for each in page["services"]]
    for service in services:
        if items := wanted.get(service["displayName"]):
            method, given = "cloudbilling.services.skus.list", {"parent": service["name"], "currencyCode": currency}
            for page in google_apis.pages(method, ask, **given):
                for sku in page.get("skus", ()):
                    _note(rates, sku, items)
    _add_gpu_machines(rates)
    date = datetime.now(UTC).date().isoformat()
    return json.dumps({"version": VERSION, "date": date, "currency": currency, "rates": rates})


def parse(text: str) -> Book:
    return Book.parse(text, source=SOURCE)


def _note(rates: Rates, sku: Mapping[str, Any], items: Iterable[Item]) -> None:
    for item in items:
        if item.description.fullmatch(sku["description"]):
            price = _price(sku)
            for region in sku["serviceRegions"] if price else ():
                where = EVERYWHERE if region == "global" else region
                rates.setdefault(item.name, {}).setdefault(where, round(price * item.units, 9))
            return


def _price(sku: Mapping[str, Any]) -> float:
    """Of a unit; where the first units are free, of those after them. 0 for what is free or has no price."""
    newest = (sku.get("pricingInfo") or [{}])[-1]
    for tier in newest.get("pricingExpression", {}).get("tieredRates", ()):
        money = tier["unitPrice"]
        if price := int(money.get("units", 0)) + int(money.get("nanos", 0)) / 1e9:
            return price
    return 0.0


def _add_gpu_machines(rates: Rates) -> None:
    """An hour of each machine that GPUs are part of, wherever all its parts have a price."""
    for name, facts in machine_types.gpu_machines().items():
        shape = name.rpartition("-")[0]
        family = FAMILIES.get(shape) or machine_types.family(name)
        ssd = LOCAL_SSD_GB.get(shape, 0) * facts["gpu_count"]
        for end in ("", "/spot", "/flex-start"):
            parts = {
                f"vcpu/{family}{end}": facts["vcpus"],
                f"memory/{family}{end}": facts["memory_gb"],
                f"gpu/{facts['gpu']}{end}": facts["gpu_count"],
                **({f"local-ssd/any{end}": ssd / HOURS} if ssd else {}),
            }
            regions = set.intersection(*(set(rates.get(part, ())) for part in parts))
            prices = {
                region: round(sum(rates[part][region] * units for part, units in parts.items()), 9)
                for region in sorted(regions)
            }
            if prices:
                rates[f"machine/{name}{end}"] = prices
