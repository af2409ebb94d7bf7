"""The methods of Google's APIs that this command calls, called as with google-api-python-client.

That package has descriptions of every API of Google's: 110 MB, for twenty methods. `google_methods.json` has these, as
Google's discovery documents describe them; a test compares them with the documents.

    request = client("compute", "v1", connection).regions().list(project="acme")
    request.execute(num_retries=3)
"""

import json
import logging
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

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


@dataclass(frozen=True)
class Connection:
    """For one thread."""

    session: Any
    """Of requests, with credentials."""
    timeout: float
    """Of each request, in seconds."""

    def request(self, verb: str, url: str, *, body: str | None, headers: Mapping[str, str]) -> Any:
        return self.session.request(verb, url, data=body, headers=headers, timeout=self.timeout)

    def close(self) -> None:
        self.session.close()


@dataclass(frozen=True)
class Request:
    """A call that has not been made."""

    method: str
    """Its id: `compute.regions.list`."""
    verb: str
    url: str
    body: Any
    media: bool
    """The answer is what an object holds, no JSON."""
    connection: Any

    def execute(self, *, num_retries: int, http: Any = None) -> Any:
        """The answer: JSON, or bytes. Raises `HttpError`, and what requests and google-auth raise."""
        headers = {"accept": "application/json"}
        body = None
        if self.body is not None:
            headers["content-type"] = "application/json"
            body = json.dumps(self.body)
        elif self.verb == "POST":
            headers["content-length"] = "0"
        for retry in range(num_retries + 1):
            if retry:
                time.sleep(random.uniform(0, 2**retry))  # noqa: S311 - no secret
            _log.debug("%s %s", self.verb, self.url)
            last = retry == num_retries
            try:
                answer = (http or self.connection).request(self.verb, self.url, body=body, headers=headers)
            except OSError as error:
                if last or not _may_pass(error):
                    raise
                continue
            if not last and (answer.status_code == TOO_MANY or answer.status_code >= SERVER_ERROR):
                continue
            break
        _log.debug("%s answers %s", self.method, answer.status_code)
        if not 200 <= answer.status_code < 300:  # noqa: PLR2004 - HTTP's own
            raise HttpError(answer.status_code, answer.content, answer.reason)
        if self.media:
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


@dataclass(frozen=True)
class Client:
    """An API, or a resource of it: `projects()`, then `locations()`."""

    base: str
    methods: Mapping[str, tuple[str, str]]
    """By id: the verb, and the path below the base."""
    connection: Any
    path: str

    def __getattr__(self, name: str) -> Callable[..., Any]:
        inner = f"{self.path}.{name}"
        if inner in self.methods:
            return lambda **parameters: self._request(inner, parameters, media=False)
        if name.endswith("_media"):
            return lambda **parameters: self._request(inner.removesuffix("_media"), parameters, media=True)
        if name.endswith("_next"):
            return _next
        if any(each.startswith(f"{inner}.") for each in self.methods):
            return lambda: replace(self, path=inner)
        raise AttributeError(f"google_methods.json has no {inner}")

    def _request(self, method: str, parameters: Mapping[str, Any], *, media: bool) -> Request:
        verb, template = self.methods[method]
        query = {name: value for name, value in parameters.items() if value is not None and name != "body"}

        def value(match: re.Match[str]) -> str:
            reserved, name = match.groups()
            # https://datatracker.ietf.org/doc/html/rfc6570: {+name} keeps slashes.
            return quote(str(query.pop(name)), safe=":/?#[]@!$&'()*+,;=~" if reserved else "~")

        path = re.sub(r"{(\+?)(\w+)}", value, template)
        query |= {"alt": "media" if media else "json"}
        url = f"{self.base.rstrip('/')}/{path}?{urlencode(query, doseq=True)}"
        return Request(method, verb, url, parameters.get("body"), media, self.connection)


def _next(request: Request, answer: Mapping[str, Any]) -> Request | None:
    """For the page after this answer; `None` after the last one."""
    token = answer.get("nextPageToken")
    if not token:
        return None
    parts = urlsplit(request.url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "pageToken"]
    return replace(request, url=urlunsplit(parts._replace(query=urlencode([*query, ("pageToken", token)]))))


def client(api: str, version: str, connection: Any, base: str | None = None) -> Client:
    """`base`: another place of the API's than Google's own."""
    described = _methods()[f"{api}.{version}"]
    methods = {name: (verb, path) for name, (verb, path) in described["methods"].items()}
    return Client(base or described["base"], methods, connection, api)


@cache
def _methods() -> dict[str, Any]:
    text = (resources.files("metaflow_gcp_tools.clients") / "google_methods.json").read_text("utf-8")
    return dict(json.loads(text))
