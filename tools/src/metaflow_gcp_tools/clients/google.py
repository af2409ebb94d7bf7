"""Google's APIs, with the credentials that Terraform would use.

compute = google_apis.service("compute", "v1")
google_apis.call(compute.regions().get(project=project, region=region))
"""

import os
from functools import cache, partial
from typing import Any

from metaflow_gcp_tools.clients import google_credentials, google_rest, unanswered
from metaflow_gcp_tools.clients.google_rest import Connection

TIMEOUT_SECONDS = 20.0
"""Of one request."""

RETRIES = 3
"""After 429, 5xx and broken connections, with growing pauses; only for calls that change nothing."""

ENDPOINT = "CLOUDSDK_API_ENDPOINT_OVERRIDES_"
"""What gcloud calls other endpoints by, such as those of Private Service Connect:
https://cloud.google.com/sdk/gcloud/reference/topic/configurations"""


@cache
def credentials() -> Any:
    """Those that Terraform's google provider would use. Raises `Unanswered` when there are none."""
    return google_credentials.find().credentials


def service(name: str, version: str, *, timeout: float = TIMEOUT_SECONDS, by: Any = None) -> Any:
    """The client of an API. `by`: other credentials than `credentials()`."""
    return google_rest.client(name, version, http(timeout=timeout, by=by), os.environ.get(f"{ENDPOINT}{name.upper()}"))


def http(*, timeout: float = TIMEOUT_SECONDS, by: Any = None) -> Connection:
    """A connection with our credentials, for one thread."""
    from google.auth.transport.requests import AuthorizedSession

    with_their = AuthorizedSession(by or credentials(), auth_request=token_request(timeout))  # type: ignore[no-untyped-call]
    # No password out of ~/.netrc in the token's place.
    with_their.auth = lambda request: request
    return Connection(with_their, timeout)


def token_request(timeout: float) -> Any:
    """What credentials fetch a token by."""
    import requests
    from google.auth.transport.requests import Request

    return partial(Request(requests.Session()), timeout=timeout)


def call(request: Any, *, retries: int = RETRIES, http: Any = None) -> Any:
    """The answer to a request. Raises `Unanswered`.

    `http` is asked in place of the client's own connection, in a thread that is not the client's.
    """
    with unanswered.translated(_host(request)):
        return request.execute(num_retries=retries, http=http)


def _host(request: Any) -> str:
    """The API's own name, not that of a private endpoint: what one enables, and what documentation has."""
    return f"{str(request.method).partition('.')[0]}.googleapis.com"
