"""The credentials that Terraform and every check here use, and whose they are."""

import os
from dataclasses import dataclass
from typing import Any

from metaflow_gcp_tools import google_apis
from metaflow_gcp_tools.preflight.answers import LOG_IN, Google, Unanswered
from metaflow_gcp_tools.preflight.checks import Check, State
from metaflow_gcp_tools.problems import CommandFailed

SCOPE = "https://www.googleapis.com/auth/cloud-platform"

_KINDS = {
    "google.oauth2.credentials": "a person's, from gcloud",
    "google.oauth2.service_account": "a key of a service account",
    "google.auth.compute_engine.credentials": "this machine's service account",
    "google.auth.impersonated_credentials": "an impersonated service account",
    "google.auth.identity_pool": "workload identity federation",
}


@dataclass(frozen=True)
class Account:
    """Who asks."""

    email: str | None
    """`None` when Google does not say."""
    check: Check


def account(google: Google) -> Account:
    """Find out; the check fails when nothing else can be asked with these credentials."""
    try:
        credentials = google_apis.credentials()
    except CommandFailed as error:
        return _none(error.problems[0].what, error.problems[0].next_step)
    kind = _kind(credentials)
    try:
        told = google.ask("oauth2", "v2", lambda oauth2: oauth2.tokeninfo(access_token=_token(google, credentials)))
    except Unanswered as error:
        # 400 and 401: not a token, or one that has ended. All else says nothing about the credentials.
        if error.code in (400, 401):
            return _none(f"Google does not take the credentials ({kind})", _renew())
        return Account(None, _check(State.UNKNOWN, f"{kind}; {error}", error.next_step))
    email = told.get("email")
    if SCOPE not in told.get("scope", "").split():
        return _none(f"the credentials of {email or 'somebody'} ({kind}) lack the scope {SCOPE}", _renew())
    whose = email or "Google does not say whose: they have no scope for e-mail"
    return Account(email, _check(State.PASS, f"{whose} ({kind})"))


def _token(google: Google, credentials: Any) -> str:
    """One that has not ended; fetched anew when need be."""
    import google_auth_httplib2
    import httplib2

    if not credentials.valid:
        credentials.refresh(google_auth_httplib2.Request(httplib2.Http(timeout=google.timeout)))
    return str(credentials.token)


def _kind(credentials: Any) -> str:
    if os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN"):
        return "the token in GOOGLE_OAUTH_ACCESS_TOKEN"
    module = type(credentials).__module__
    return _KINDS.get(module, module)


def _renew() -> str:
    if os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN"):
        return "run `export GOOGLE_OAUTH_ACCESS_TOKEN=$(gcloud auth print-access-token)`"
    return LOG_IN


def _none(says: str, next_step: str) -> Account:
    return Account(None, _check(State.FAIL, says, next_step))


def _check(state: State, says: str, next_step: str = "") -> Check:
    return Check(
        topic="credentials",
        name="account",
        state=state,
        says=says,
        next_step=next_step,
        blocks=state is State.FAIL,
    )
