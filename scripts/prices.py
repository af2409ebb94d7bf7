"""Writes the price list that comes with the command, from Google's catalog.

    python scripts/prices.py

It takes a minute, and credentials or an API key in GOOGLE_API_KEY. It keeps the regions that the list has.
"""

import json
import os
from pathlib import Path
from typing import Any

from google.auth.api_key import Credentials

from metaflow_gcp_tools.prices import catalog
from metaflow_gcp_tools.prices.book import EVERYWHERE

FILE = Path(__file__).parents[1] / "tools/src/metaflow_gcp_tools/prices/prices.json"
URL = "https://cloudbilling.googleapis.com/v1/services"


def main() -> None:
    key = os.environ.get("GOOGLE_API_KEY")
    by = Credentials(key) if key else None  # type: ignore[no-untyped-call]
    FILE.write_text(document(catalog.fetch("USD", by), json.loads(FILE.read_text("utf-8"))), "utf-8")


def document(fetched: str, before: dict[str, Any]) -> str:
    """Of what was fetched, the regions that the list has had; a line for each item."""
    found = json.loads(fetched)
    regions = {region for prices in before["rates"].values() for region in prices} | {EVERYWHERE}
    source = {"date": found["date"], "url": URL, "facts": catalog.SOURCE}
    rates = {
        item: {region: price for region, price in sorted(prices.items()) if region in regions}
        for item, prices in sorted(found["rates"].items())
    }
    lines = [f"    {json.dumps(item)}: {json.dumps(prices)}" for item, prices in rates.items() if prices]
    heading = {"version": found["version"], "date": found["date"], "currency": "USD", "sources": [source]}
    return json.dumps(heading, indent=2)[:-2] + ',\n  "rates": {\n' + ",\n".join(lines) + "\n  }\n}\n"


if __name__ == "__main__":
    main()
