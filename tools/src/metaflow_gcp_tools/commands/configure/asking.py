"""Asking Google, and what to tell a person when the answer is no."""

from collections.abc import Iterator
from contextlib import contextmanager

from metaflow_gcp_tools.clients import google as google_apis
from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered
from metaflow_gcp_tools.problems import CommandFailed


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Say who lacks which right when Google refuses meanwhile; `what` goes on after "may not"."""
    try:
        yield
    except Unanswered as error:
        if error.cause is not Cause.FORBIDDEN:
            raise
        address = caller()
        raise CommandFailed.of(
            what=f"{address or 'you'} may not {what}: {error.reason}", next_step=ask_for_access(address)
        ) from None


def caller() -> str | None:
    """The address of whom the credentials are of; `None` when it cannot be found out."""
    try:
        address = getattr(google_apis.credentials(), "service_account_email", None)
        # On Google's own machines it is `default` until asked.
        if address and "@" in address:
            return str(address)
        found = google_apis.call("oauth2.userinfo.get", retries=0)
    except Unanswered:
        return None
    return str(found["email"]) if "email" in found else None


def ask_for_access(address: str | None) -> str:
    """What to ask the administrator for: the line of the settings."""
    federated = (address or "").startswith("principal://")
    kind = "serviceAccount" if (address or "").endswith("gserviceaccount.com") else "user"
    # Of a workforce pool the cluster knows the whole identifier, and so do the settings.
    member = address if federated else f"{kind}:{address or 'YOUR ADDRESS'}"
    asked = (
        f'ask the administrator to put `users = ["{member}"]`, beside those who are there, '
        "below [access] in settings.toml, and to run `make deploy`"
    )
    if address and not federated and address != address.lower():
        # The platform grants an address as it is written there, and in lower case.
        asked += ". Keep the capital letters: the cluster compares them. Another spelling of it that is there can stay"
    return asked
