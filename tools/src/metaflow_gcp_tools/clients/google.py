"""Google's APIs, with the credentials that Terraform would use.

google_apis.call("container.projects.locations.clusters.get", name=name)
"""

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import Any

from metaflow_gcp_tools.clients import google_credentials, google_rest, unanswered

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


def token_request(timeout: float) -> Any:
    """What credentials fetch a token by."""
    import requests
    from google.auth.transport.requests import Request

    return partial(Request(requests.Session()), timeout=timeout)


def call(method: str, *, retries: int = RETRIES, timeout: float = TIMEOUT_SECONDS, by: Any = None, **given: Any) -> Any:
    """The answer of a method to these parameters. Raises `Unanswered`. `by`: other credentials than `credentials()`."""
    from google.auth.transport.requests import AuthorizedSession

    api = method.partition(".")[0]
    # The API's own name, not that of a private endpoint: what one enables, and what documentation has.
    with (
        unanswered.translated(f"{api}.googleapis.com"),
        AuthorizedSession(by or credentials(), auth_request=token_request(timeout)) as session,  # type: ignore[no-untyped-call]
    ):
        # No password out of ~/.netrc in the token's place.
        session.auth = lambda request: request
        base = os.environ.get(f"{ENDPOINT}{api.upper()}")
        return google_rest.call(partial(session.request, timeout=timeout), method, given, retries=retries, base=base)


def pages(method: str, ask: Callable[..., Any] = call, **given: Any) -> Iterator[Mapping[str, Any]]:
    """All pages of a list, each as `ask` answers."""
    token: str | None = None
    while True:
        page = ask(method, pageToken=token, **given)
        yield page
        token = page.get("nextPageToken")
        if not token:
            return
