"""The platform's names on the internet, asked as a stranger asks: where each leads, and that the sign-in is in front.

Takes no rights: it is what everybody can see.
"""

import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from metaflow_gcp_tools.platform.description import Endpoint
from metaflow_gcp_tools.problems import Problem

TIMEOUT_SECONDS = 10.0
"""Of one request."""

State = Literal["ready", "no record", "wrong record", "no certificate", "no answer", "open"]

_SIGN_IN = "https://accounts.google.com/"
_BY_THE_PROXY = "X-Goog-IAP-Generated-Response"
"""https://cloud.google.com/iap/docs/faq#how_can_i_tell_if_an_error_was_generated_by_iap"""


@dataclass(frozen=True, kw_only=True)
class Name:
    service: str
    """`ui`, `metadata` or `argo`."""
    url: str
    state: State
    says: str


def look(
    endpoint: Endpoint, *, resolve: Callable[[str], set[str]] | None = None, get: Callable[[str], Any] | None = None
) -> tuple[Name, ...]:
    """`resolve`: host -> its IPv4 addresses, if any. `get`: the answer, redirects not followed."""
    return tuple(
        Name(service=service, url=f"https://{host}", state=state, says=says)
        for service, host in endpoint.hosts.items()
        for state, says in [_state(endpoint, host, resolve or _resolve, get or _get)]
    )


def problems(endpoint: Endpoint, names: Sequence[Name]) -> Iterator[Problem]:
    """A certificate that is on its way is none."""
    for each in names:
        host = each.url.removeprefix("https://")
        match each.state:
            case "open":
                yield Problem(
                    what=f"{each.url} answers without Google's sign-in",
                    next_step="set endpoint.enabled to false and deploy, until you know why",
                )
            case "no record" | "wrong record" if endpoint.records_by_hand:
                yield Problem(what=f"{host}: {each.says}", next_step=f"create the record `{host}. A {endpoint.ip}`")
            case "wrong record":
                yield Problem(what=f"{host}: {each.says}", next_step="deploy the stack `infra` again: `make deploy`")
            case _:
                pass


def _state(
    endpoint: Endpoint, host: str, resolve: Callable[[str], set[str]], get: Callable[[str], Any]
) -> tuple[State, str]:
    addresses = resolve(host)
    if not addresses:
        return "no record", f"the name is not there; it must lead to {endpoint.ip}"
    if endpoint.ip not in addresses:
        return "wrong record", f"the name leads to {', '.join(sorted(addresses))} instead of {endpoint.ip}"
    return _answered(f"https://{host}/", get)


def _answered(url: str, get: Callable[[str], Any]) -> tuple[State, str]:
    from requests.exceptions import RequestException, SSLError

    try:
        answer = get(url)
    except SSLError:
        return "no certificate", "the certificate is not there yet: a new one takes up to an hour"
    except RequestException as error:
        return "no answer", f"no response: {type(error).__name__}"
    if _BY_THE_PROXY in answer.headers or answer.headers.get("Location", "").startswith(_SIGN_IN):
        return "ready", "behind Google's sign-in"
    if answer.status_code < 400:  # noqa: PLR2004 - what is no error is an answer of the service's
        return "open", f"answers {answer.status_code} without Google's sign-in"
    return "no answer", f"the load balancer answers {answer.status_code}"


def _resolve(host: str) -> set[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(host, 443, socket.AF_INET)}
    except OSError:
        return set()


def _get(url: str) -> Any:
    import requests

    return requests.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False)
