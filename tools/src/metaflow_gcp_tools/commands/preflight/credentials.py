"""The credentials that Terraform and every check here use, and whose they are."""

from dataclasses import dataclass, replace

from metaflow_gcp_tools.checks import Check
from metaflow_gcp_tools.clients import unanswered
from metaflow_gcp_tools.clients.google_credentials import SCOPES, TOKEN, Found
from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered
from metaflow_gcp_tools.commands.preflight.answers import Google

CHECK = ("credentials", "account")
"""Topic and name."""

SCOPE = SCOPES[0]

NOT_A_TOKEN = (400, 401)
"""What tokeninfo answers for a token that has expired, for what is no token, and for a federated one alike."""


@dataclass(frozen=True)
class Account:
    """Who asks."""

    email: str | None
    """`None` when Google does not say."""
    check: Check
    usable: bool = True
    """`False`: nothing can be asked with these credentials."""
    error: Unanswered | None = None
    """Why Google could not be asked; its cause may be the network's."""


def account(google: Google) -> Account:
    """Find out. The check fails when nothing else can be asked with these credentials."""
    try:
        found = google.found
    except Unanswered as error:
        return _unusable(error.what, error.next_step)
    try:
        token = google.token()
        if found.federated:
            # Google's token service took them, and tokeninfo knows no federated tokens.
            return Account(None, Check.passed(*CHECK, f"accepted; Google does not say whose they are: {found.source}"))
        told = google.ask("oauth2.tokeninfo", access_token=token)
    except Unanswered as error:
        return _not_told(google, found, error)
    email = told.get("email")
    if SCOPE not in told.get("scope", "").split():
        return _unusable(
            f"the credentials of {email or 'somebody'} ({found.source}) lack the scope {SCOPE}", _renew(found)
        )
    whose = email or "Google does not say whose they are: they lack the scope for e-mail"
    return Account(email, Check.passed(*CHECK, f"{whose} ({found.source})"))


def _not_told(google: Google, found: Found, error: Unanswered) -> Account:
    if error.cause is Cause.MAY_NOT_IMPERSONATE:
        return _unusable(error.what, error.next_step)
    if error.status in NOT_A_TOKEN or error.cause in (Cause.LOGIN, Cause.NO_CREDENTIALS):
        if found.from_token and _is_accepted(google):
            says = f"accepted; Google does not say whose they are, as with a federated token: {found.source}"
            return Account(None, Check.passed(*CHECK, says))
        return _unusable(f"Google does not accept the credentials ({found.source})", _renew(found))
    check = replace(Check.of(error, *CHECK), says=f"{found.source}; {error.what}")
    return Account(None, check, error=error)


def _is_accepted(google: Google) -> bool:
    """Whether another API takes the token that tokeninfo does not know. A refusal for want of rights says yes, too."""
    try:
        google.ask("cloudresourcemanager.projects.get", name=f"projects/{google.project}")
    except Unanswered as error:
        return error.cause in (Cause.FORBIDDEN, Cause.NOT_FOUND, Cause.API_DISABLED, Cause.NO_QUOTA_PROJECT)
    return True


def _renew(found: Found) -> str:
    if found.from_token:
        return f"run `export {TOKEN}=$(gcloud auth print-access-token)`"
    return unanswered.LOG_IN


def _unusable(says: str, next_step: str) -> Account:
    return Account(None, Check.failed(*CHECK, says, next_step), usable=False)
