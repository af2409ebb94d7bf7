"""Google's APIs, by Google's own client, with the credentials that Terraform would use.

compute = google_apis.service("compute", "v1")
google_apis.call(compute.regions().get(project=project, region=region))
"""

import os
import warnings
from collections.abc import Mapping
from functools import cache
from typing import Any

from metaflow_gcp_tools.problems import CommandFailed, Problem

TIMEOUT_SECONDS = 20.0
"""Of one request."""

RETRIES = 3
"""After 429, 5xx and broken connections, with growing pauses; only for calls that change nothing."""

ENDPOINT = "CLOUDSDK_API_ENDPOINT_OVERRIDES_"
"""What gcloud calls other endpoints by, such as those of Private Service Connect:
https://cloud.google.com/sdk/gcloud/reference/topic/configurations"""


@cache
def credentials() -> Any:
    """`GOOGLE_OAUTH_ACCESS_TOKEN` if it is set, as for Terraform, else the application default credentials."""
    import google.auth
    import google.auth.exceptions
    import google.oauth2.credentials

    if token := os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN"):
        return google.oauth2.credentials.Credentials(token)  # type: ignore[no-untyped-call]
    try:
        found, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    except google.auth.exceptions.DefaultCredentialsError:
        raise CommandFailed(
            Problem(
                what="there are no credentials for Google Cloud on this machine",
                next_step="run `gcloud auth application-default login`",
            )
        ) from None
    return found


def service(
    name: str, version: str, *, timeout: float = TIMEOUT_SECONDS, document: Mapping[str, Any] | None = None
) -> Any:
    """The client of an API. `document` describes one that google-api-python-client has no description of.

    Nothing is fetched for either.
    """
    connection = http(timeout=timeout)
    from googleapiclient.discovery import build, build_from_document

    endpoint = os.environ.get(f"{ENDPOINT}{name.upper()}")
    options = {"api_endpoint": endpoint} if endpoint else None
    if document:
        return build_from_document(document, http=connection, client_options=options)
    return build(name, version, http=connection, static_discovery=True, cache_discovery=False, client_options=options)


def http(*, timeout: float = TIMEOUT_SECONDS) -> Any:
    """A connection with our credentials, for one thread: httplib2 is not safe for more."""
    # It announces, years ahead, which Python it will need: nothing that a person can act on here.
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"google\.api_core")
    import google_auth_httplib2
    import httplib2

    return google_auth_httplib2.AuthorizedHttp(credentials(), http=httplib2.Http(timeout=timeout))


def call(request: Any, *, retries: int = RETRIES, http: Any = None) -> Any:
    """The answer to a request. Raises googleapiclient's `HttpError`, or `OSError` when nobody answers.

    `http` is asked in place of the client's own connection, in a thread that is not the client's.
    """
    import httplib2

    try:
        return request.execute(num_retries=retries, http=http)
    except httplib2.HttpLib2Error as error:
        # Among them a host that cannot be found: to callers the same as one that does not answer.
        raise ConnectionError(str(error) or type(error).__name__) from error
