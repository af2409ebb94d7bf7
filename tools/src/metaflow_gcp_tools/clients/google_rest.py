"""The methods of Google's APIs that this command calls, by their ids.

google-api-python-client has descriptions of every API of Google's: 110 MB, for twenty methods. `google_methods.json`
has these, as Google's discovery documents describe them; a test compares them with the documents.

    call(session.request, "compute.regions.list", {"project": "acme"}, retries=3)
"""

import json
import logging
import random
import re
import time
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import quote, urlencode

_log = logging.getLogger(__name__)

TOO_MANY = 429
SERVER_ERROR = 500
"""And above. After these, and a broken connection, the same may work."""


class HttpError(Exception):
    """An API answered that it will not, or that it cannot."""

    def __init__(self, status: int, content: bytes, phrase: str) -> None:
        self.status = status
        self.content = content
        try:
            self.reason = str(json.loads(content)["error"]["message"])
        except (ValueError, LookupError, TypeError):
            self.reason = phrase
        super().__init__(self.reason)


def call(
    send: Callable[..., Any], method: str, parameters: Mapping[str, Any], *, retries: int, base: str | None = None
) -> Any:
    """The answer: JSON; bytes for `alt="media"`. Raises `HttpError`, and what requests and google-auth raise.

    `send` is a session's `request`; `base` is another place of the API's than Google's own.
    """
    verb, url = _address(method, parameters, base)
    headers = {"accept": "application/json"}
    body = None
    if (given := parameters.get("body")) is not None:
        headers["content-type"] = "application/json"
        body = json.dumps(given)
    elif verb == "POST":
        headers["content-length"] = "0"
    for retry in range(retries + 1):
        if retry:
            time.sleep(random.uniform(0, 2**retry))  # noqa: S311 - no secret
        _log.debug("%s %s", verb, url)
        last = retry == retries
        try:
            answer = send(verb, url, data=body, headers=headers)
        except OSError as error:
            if last or not _may_pass(error):
                raise
            continue
        if not last and (answer.status_code == TOO_MANY or answer.status_code >= SERVER_ERROR):
            continue
        break
    _log.debug("%s answers %s", method, answer.status_code)
    if not 200 <= answer.status_code < 300:  # noqa: PLR2004 - HTTP's own
        raise HttpError(answer.status_code, answer.content, answer.reason)
    if parameters.get("alt") == "media":
        return answer.content
    return json.loads(answer.content) if answer.content else {}


def _may_pass(error: OSError) -> bool:
    """A broken connection or silence; not a name that is unknown, a certificate or a proxy."""
    import requests

    if isinstance(error, requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return False
    inner = getattr(error.args[0] if error.args else None, "reason", None)
    known = isinstance(error, requests.ConnectionError | requests.Timeout | ConnectionError | TimeoutError)
    return known and "NameResolution" not in type(inner).__name__


def _address(method: str, parameters: Mapping[str, Any], base: str | None) -> tuple[str, str]:
    """The verb, and the URL with the parameters in it."""
    api = next((each for each in _apis() if method in each["methods"]), None)
    if api is None:
        raise LookupError(f"google_methods.json has no {method}")
    verb, template = api["methods"][method]
    query = {name: value for name, value in parameters.items() if value is not None and name != "body"}

    def value(match: re.Match[str]) -> str:
        reserved, name = match.groups()
        # https://datatracker.ietf.org/doc/html/rfc6570: {+name} keeps slashes.
        return quote(str(query.pop(name)), safe=":/?#[]@!$&'()*+,;=~" if reserved else "~")

    path = re.sub(r"{(\+?)(\w+)}", value, template)
    return verb, f"{(base or api['base']).rstrip('/')}/{path}?{urlencode({'alt': 'json'} | query, doseq=True)}"


@cache
def _apis() -> list[dict[str, Any]]:
    text = (resources.files("metaflow_gcp_tools.clients") / "google_methods.json").read_text("utf-8")
    return list(json.loads(text).values())
