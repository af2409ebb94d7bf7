"""The credentials that Terraform uses, found in the order in which it looks for them.

- The google provider: google/provider/provider.go and `GetCredentials` in google/transport/config.go, at v6.50.0.
- The GCS backend: https://developer.hashicorp.com/terraform/language/backend/gcs, as of 1.11.

A token goes before a key, a key before the application default credentials; whichever it is may then impersonate a
service account.
"""

import json
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.clients import unanswered
from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered

SCOPES = (
    "https://www.googleapis.com/auth/cloud-platform",
    "https://www.googleapis.com/auth/userinfo.email",
)
"""The provider's own (`DefaultClientScopes`)."""

TOKEN = "GOOGLE_OAUTH_ACCESS_TOKEN"  # noqa: S105 - a variable's name
"""Of the provider and of the backend alike: a token, or a file with one."""

_KINDS = {
    "google.oauth2.credentials": "a person's login",
    "google.oauth2.service_account": "a key of a service account",
    "google.auth.compute_engine.credentials": "this machine's service account",
    "google.auth.impersonated_credentials": "an impersonated service account",
    "google.auth.identity_pool": "workload identity federation",
    "google.auth.aws": "workload identity federation",
    "google.auth.pluggable": "workload identity federation",
    "google.auth.external_account_authorized_user": "workforce identity federation",
}


@dataclass(frozen=True)
class Order:
    """Where a part of Terraform looks for credentials: the first variable that is set counts."""

    keys: tuple[str, ...]
    """Keys and other credentials: JSON, or a file with it."""
    impersonate: tuple[str, ...]
    """The service account to impersonate, unless the configuration names one."""


PROVIDER = Order(
    keys=("GOOGLE_CREDENTIALS", "GOOGLE_CLOUD_KEYFILE_JSON", "GCLOUD_KEYFILE_JSON"),
    impersonate=("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",),
)
BACKEND = Order(
    keys=("GOOGLE_BACKEND_CREDENTIALS", "GOOGLE_CREDENTIALS"),
    impersonate=("GOOGLE_BACKEND_IMPERSONATE_SERVICE_ACCOUNT", "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT"),
)


@dataclass(frozen=True)
class Found:
    """Credentials, and what is known of them without asking anybody."""

    credentials: Any
    """google-auth's."""
    source: str
    """What they are and where they come from, in words."""
    from_token: bool
    """They are nothing but a token: nobody can renew it here."""
    federated: bool
    """They are a federated identity itself, not a service account: it has no e-mail."""


def find(order: Order = PROVIDER, *, impersonate: str | None = None) -> Found:
    """Find them; `impersonate` is the service account that the configuration names.

    Raises `Unanswered` when there are none, or when what a variable names is none.
    """
    found = _source(order)
    target = impersonate or next(filter(None, map(os.environ.get, order.impersonate)), None)
    return _impersonating(found, target) if target else found


def _source(order: Order) -> Found:
    import google.oauth2.credentials

    if token := os.environ.get(TOKEN):
        credentials = google.oauth2.credentials.Credentials(_content(token).strip())  # type: ignore[no-untyped-call]
        return Found(credentials, f"the token in {TOKEN}", from_token=True, federated=False)
    for variable in order.keys:
        if value := os.environ.get(variable):
            return _from_json(variable, _content(value))
    return _default()


def _content(path_or_content: str) -> str:
    """As Terraform takes it: the name of a file, or what would be in it."""
    try:
        return Path(path_or_content).expanduser().read_text("utf-8")
    except (OSError, ValueError):
        return path_or_content


def _from_json(variable: str, content: str) -> Found:
    import google.auth
    import google.auth.exceptions

    # Of credentials from strangers; these are the person's own.
    warnings.filterwarnings("ignore", category=DeprecationWarning, message=".*load_credentials_from_dict")
    with unanswered.translated(variable):
        try:
            found, _ = google.auth.load_credentials_from_dict(json.loads(content))  # type: ignore[no-untyped-call]
        except (google.auth.exceptions.DefaultCredentialsError, ValueError, AttributeError, TypeError):
            # Not said with it: what is in the variable.
            raise Unanswered(
                Cause.NO_CREDENTIALS,
                f"{variable} contains neither credentials as JSON nor the path of a file with them",
                f"fix {variable}, or unset it to use `gcloud auth application-default login`",
            ) from None
    return _found(found, f"{variable}: {_kind(found)}")


def _default() -> Found:
    """`GOOGLE_APPLICATION_CREDENTIALS`, what `gcloud auth application-default login` wrote, or the machine's own."""
    import google.auth
    import google.auth.exceptions

    with unanswered.translated("the metadata server"):
        try:
            found, _ = google.auth.default()
        except google.auth.exceptions.DefaultCredentialsError:
            if named := os.environ.get("GOOGLE_APPLICATION_CREDENTIALS"):
                raise Unanswered(
                    Cause.NO_CREDENTIALS,
                    f"GOOGLE_APPLICATION_CREDENTIALS={named} contains no credentials",
                    "fix the variable, or unset it and run `gcloud auth application-default login`",
                ) from None
            raise Unanswered(
                Cause.NO_CREDENTIALS, "there are no credentials for Google Cloud on this machine", unanswered.LOG_IN
            ) from None
    return _found(found, _kind(found))


def _found(credentials: Any, source: str) -> Found:
    """With the scopes only now: while it loads, google-auth would ask Google for a federated identity's project."""
    from google.auth.credentials import with_scopes_if_required

    scoped = with_scopes_if_required(credentials, SCOPES)  # type: ignore[no-untyped-call]
    return Found(scoped, source, from_token=False, federated=_is_federated(scoped))


def _impersonating(found: Found, target: str) -> Found:
    import google.auth.impersonated_credentials

    endpoint = os.environ.get("CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS")
    override = (
        f"{endpoint.rstrip('/')}/v1/projects/-/serviceAccounts/{target}:generateAccessToken" if endpoint else None
    )
    credentials = google.auth.impersonated_credentials.Credentials(  # type: ignore[no-untyped-call]
        found.credentials, target, list(SCOPES), delegates=[], iam_endpoint_override=override
    )
    return Found(credentials, f"{target}, impersonated by {found.source}", from_token=False, federated=False)


def _kind(credentials: Any) -> str:
    module = type(credentials).__module__
    return _KINDS.get(module, module)


def _is_federated(credentials: Any) -> bool:
    """https://cloud.google.com/iam/docs/workload-identity-federation: without a service account to impersonate."""
    if "federation" not in _kind(credentials):
        return False
    return not getattr(credentials, "service_account_email", None)
