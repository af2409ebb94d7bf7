"""The price list to use: Google's of this week, or the one that comes with this command."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.clients import google as google_apis
from metaflow_gcp_tools.clients.unanswered import Unanswered
from metaflow_gcp_tools.machine.private_folder import private, put
from metaflow_gcp_tools.prices import catalog
from metaflow_gcp_tools.prices.book import Book
from metaflow_gcp_tools.problems import CommandFailed, WrongUse

FRESH = timedelta(days=7)

KEY = "GOOGLE_API_KEY"
"""A variable with an API key, for who has no credentials: an API key opens the catalog, and nothing of a project."""

DEFAULT_CURRENCY = "USD"


@dataclass(frozen=True)
class Found:
    book: Book
    why_shipped: str
    """Why Google's list was not to be had; empty when it was."""


def check(currency: str, *, wanted: bool) -> None:
    """Raises `WrongUse` for what is no code of a currency, and for one that nobody asks for."""
    if currency and not re.fullmatch(r"[A-Z]{3}", currency):
        raise WrongUse.of(
            what=f"{currency!r} is not a currency code", next_step="pass three capital letters, such as EUR"
        )
    if currency and not wanted:
        raise WrongUse.of(what="--currency requires --prices", next_step="pass --prices as well")


def load(project: str, currency: str = "") -> Found:
    """The list in this currency; by default in that of the project's billing account, where that may be seen."""
    try:
        key = _key()
        # Where there are none, that is said before anything else is tried.
        by = key or google_apis.credentials()
        currency = currency or (DEFAULT_CURRENCY if key else _currency_of(project))
        file = _file(currency)
        if book := _fresh(file):
            return Found(book, "")
        text = catalog.fetch(currency, by)
    except Unanswered as error:
        return Found(Book.shipped(), error.what)
    # A list that cannot be kept is asked for again.
    with suppress(OSError, CommandFailed):
        private(file.parent)
        put(file, text)
    return Found(catalog.parse(text), "")


def kept() -> Book:
    """The list that there is without asking: Google's, if it was fetched this week."""
    return _fresh(_file(DEFAULT_CURRENCY)) or Book.shipped()


def _key() -> Any:
    from google.auth.api_key import Credentials

    key = os.environ.get(KEY)
    return Credentials(key) if key else None  # type: ignore[no-untyped-call]


def _currency_of(project: str) -> str:
    if not project:
        return DEFAULT_CURRENCY
    with suppress(Unanswered):
        billing = google_apis.call("cloudbilling.projects.getBillingInfo", retries=0, name=f"projects/{project}")
        if account := billing.get("billingAccountName"):
            found = google_apis.call("cloudbilling.billingAccounts.get", retries=0, name=account)
            return str(found.get("currencyCode") or DEFAULT_CURRENCY)
    return DEFAULT_CURRENCY


def _file(currency: str) -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("metaflow-gcp") / f"prices-{currency}.json"


def _fresh(file: Path) -> Book | None:
    with suppress(OSError, ValueError):
        book = catalog.parse(file.read_text("utf-8"))
        if datetime.now(UTC).date() - date.fromisoformat(book.date) < FRESH:
            return book
    return None
