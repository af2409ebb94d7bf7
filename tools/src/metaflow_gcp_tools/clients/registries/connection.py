"""HTTP to registries: proxies and certificates of this machine, one repetition, and every fault as `Unanswered`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from metaflow_gcp_tools.clients import unanswered
from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered

_REPEATED = (500, 502, 503, 504)
"""Once. Not after 429: who asks too often should not ask again at once."""

_MESSAGES = {
    401: "requires a login (401): it is private or does not exist",
    403: "refuses access (403): it is private or does not exist",
    429: "limits requests from this address (429)",
}


Login = tuple[str, str]
"""A name and a password."""


@contextmanager
def session() -> Iterator[Any]:
    """For one thread."""
    from requests import Session
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    retry = Retry(
        status=1,
        connect=0,
        # Silence is waited for once: `False` raises the timeout itself.
        read=False,
        status_forcelist=_REPEATED,
        backoff_factor=0.2,
        allowed_methods=("GET", "HEAD"),
        raise_on_status=False,
        respect_retry_after_header=False,
    )
    with Session() as opened:
        opened.mount("https://", HTTPAdapter(max_retries=retry))
        opened.mount("http://", HTTPAdapter(max_retries=retry))
        # No password out of ~/.netrc: everything is asked as nobody, unless a login is given.
        opened.auth = lambda request: request
        yield opened


def ask(
    opened: Any,
    method: str,
    url: str,
    timeout: float,
    headers: Mapping[str, str] | None = None,
    *,
    login: Login | None = None,
) -> Any:
    """The response, whatever its status. Raises `Unanswered` when there is none."""
    with unanswered.translated(urlsplit(url).netloc):
        return opened.request(method, url, headers=headers, timeout=timeout, allow_redirects=True, auth=login)


def refused(response: Any) -> Unanswered:
    """For a status that is neither yes nor no."""
    status = response.status_code
    return no_answer(f"{urlsplit(response.url).netloc} {_MESSAGES.get(status, f'returned {status}')}", Cause.REFUSED)


def no_answer(what: str, cause: Cause = Cause.NOT_AN_API) -> Unanswered:
    return Unanswered(cause, what, unanswered.CHECK_NETWORK)


def scheme(host: str) -> str:
    """TLS, except on this machine: Docker's own rule."""
    return "http" if host.partition(":")[0] in ("localhost", "127.0.0.1") else "https"
