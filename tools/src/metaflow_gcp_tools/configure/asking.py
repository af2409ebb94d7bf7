"""Asking Google, and what to tell a person when the answer is no."""

from collections.abc import Iterator
from contextlib import contextmanager

from metaflow_gcp_tools import google_apis
from metaflow_gcp_tools.problems import CommandFailed, Problem

UNAUTHORIZED = 401
FORBIDDEN = 403
NOT_FOUND = 404
LOGIN = "run `gcloud auth application-default login`, and this again"


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Make a `CommandFailed` of what Google's client raises meanwhile; `what` goes on after "may not"."""
    import httplib2
    from google.auth.exceptions import GoogleAuthError
    from googleapiclient.errors import HttpError

    try:
        yield
    except HttpError as error:
        raise CommandFailed(_refusal(error.status_code, error.reason, what)) from None
    except GoogleAuthError as error:
        said = str(error.args[0]) if error.args else "nothing"
        raise CommandFailed(
            Problem(what=f"Google does not take the credentials of this machine: {said}", next_step=LOGIN)
        ) from None
    except (OSError, httplib2.HttpLib2Error) as error:
        raise CommandFailed(
            Problem(
                what=f"Google's API does not answer: {str(error) or type(error).__name__}",
                next_step="see to the network, and to a proxy if there is one, and run this again",
            )
        ) from None


def _refusal(status: int, reason: str, what: str) -> Problem:
    if status == UNAUTHORIZED:
        return Problem(what=f"Google does not take the credentials of this machine: {reason}", next_step=LOGIN)
    if status == FORBIDDEN:
        address = caller()
        return Problem(what=f"{address or 'you'} may not {what}: {reason}", next_step=ask_for_access(address))
    return Problem(
        what=f"Google would not {what}: {reason} ({status})",
        next_step="see whether the name is right; else run this again",
    )


def caller() -> str | None:
    """The address of whom the credentials are of; `None` when it cannot be found out."""
    import httplib2
    from google.auth.exceptions import GoogleAuthError
    from googleapiclient.errors import HttpError

    try:
        address = getattr(google_apis.credentials(), "service_account_email", None)
        # On Google's own machines it is `default` until asked.
        if address and "@" in address:
            return str(address)
        found = google_apis.call(google_apis.service("oauth2", "v2").userinfo().get(), retries=0)
    except (HttpError, GoogleAuthError, OSError, httplib2.HttpLib2Error, CommandFailed):
        return None
    return str(found["email"]) if "email" in found else None


def ask_for_access(address: str | None) -> str:
    """What to ask the administrator for: the line of the settings."""
    kind = "serviceAccount" if (address or "").endswith("gserviceaccount.com") else "user"
    asked = (
        f'ask the administrator to put `users = ["{kind}:{address or "YOUR ADDRESS"}"]`, beside those who are there, '
        "below [access] in settings.toml, and to run `make deploy`"
    )
    if address and address != address.lower():
        # The platform grants an address as it is written there, and in lower case.
        asked += ". Keep the capital letters: the cluster compares them. Another spelling of it that is there can stay"
    return asked
