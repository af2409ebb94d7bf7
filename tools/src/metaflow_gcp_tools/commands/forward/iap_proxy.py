"""A service behind Identity-Aware Proxy, at a port of this machine: each request gets a token on its way."""

import http.server
import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from metaflow_gcp_tools.clients import iap
from metaflow_gcp_tools.clients.iap import Tokens
from metaflow_gcp_tools.commands.forward.kubectl import ADDRESS
from metaflow_gcp_tools.platform.description import Platform
from metaflow_gcp_tools.problems import CommandFailed, WrongUse
from metaflow_gcp_tools.terminal.options import Via

TIMEOUT_SECONDS = 130.0
"""Of a request: the load balancer gives up before."""
PAUSES = (0.2, 1.0, 3.0, 10.0)
"""Seconds before a request is sent again that may be."""

_OF_A_CONNECTION = {
    *("connection", "content-encoding", "content-length", "keep-alive", "proxy-authenticate", "proxy-authorization"),
    *("te", "trailer", "transfer-encoding", "upgrade"),
}
"""Headers that are not for the other side. https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1"""
_OK = 200
_AGAIN = {502, 503, 504}
_REFUSED = {302, 401}
"""What the proxy answers to a token that has ended, or to none."""


class Upstream:
    """The service, asked with a token."""

    def __init__(self, url: str, tokens: Tokens) -> None:
        self._url, self._tokens = url.rstrip("/"), tokens
        self._local = threading.local()

    def require(self) -> None:
        """Raises `CommandFailed` when it is not let in, or nothing answers."""
        answer = self.ask("GET", "/ping", {}, b"")
        if answer.status_code != _OK:
            raise CommandFailed.of(
                what=f"{self._url} answers {answer.status_code}: the service account is not let in, or the service is "
                "away",
                next_step="name the account in access.users and deploy; see `metaflow-gcp status`",
            )

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Any:
        """The answer. Raises `CommandFailed` when there is none, or no token."""
        from requests.exceptions import ConnectionError as NoConnection, RequestException

        for pause in (*PAUSES, None):
            try:
                answer = self._with_token(method, path, headers, body)
            except NoConnection as error:
                # It may have arrived: only what changes nothing is sent again.
                if pause is None or method not in ("GET", "HEAD"):
                    raise CommandFailed.of(what=f"no response from {self._url}: {error}", next_step="retry") from None
            except RequestException as error:
                raise CommandFailed.of(what=f"no response from {self._url}: {error}", next_step="retry") from None
            else:
                if pause is None or answer.status_code not in _AGAIN or method not in ("GET", "HEAD"):
                    return answer
            time.sleep(pause or 0)
        raise AssertionError

    def _with_token(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Any:
        token = self._tokens.get()
        answer = self._send(method, path, headers, body, token)
        if answer.status_code in _REFUSED:
            # It never got past the proxy, so it may be sent again.
            answer = self._send(method, path, headers, body, self._tokens.get(refused=token))
        return answer

    def _send(self, method: str, path: str, headers: dict[str, str], body: bytes, token: str) -> Any:
        import requests

        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            # No password out of ~/.netrc in the token's place.
            self._local.session.auth = lambda request: request
        sent = {name: value for name, value in headers.items() if name.lower() not in _OF_A_CONNECTION | {"host"}}
        return self._local.session.request(
            method,
            self._url + path,
            # Not `Authorization`: that one is the service's.
            headers={**sent, "Proxy-Authorization": f"Bearer {token}", "Accept-Encoding": "identity"},
            data=body,
            allow_redirects=False,
            timeout=TIMEOUT_SECONDS,
        )


def default(platform: Platform) -> Via:
    """The endpoint where there is one and no kubectl."""
    return Via.IAP if platform.endpoint and shutil.which("kubectl") is None else Via.KUBECTL


def check(via: Via, account: str) -> None:
    """Raises `WrongUse`."""
    if account and via is Via.KUBECTL:
        raise WrongUse.of(
            what="--impersonate-service-account is for --via iap", next_step="add --via iap, or leave it out"
        )


def of_platform(platform: Platform, account: str) -> Upstream:
    """The metadata service. `account`: the service account to be, or none. Raises `Unanswered`, `WrongUse`."""
    if platform.endpoint is None:
        raise WrongUse.of(
            what="the platform has no endpoint",
            next_step="leave out --via iap; or set endpoint.enabled, deploy, and run `metaflow-gcp configure`",
        )
    host = platform.endpoint.hosts["metadata"]
    is_ = iap.account(account)
    return Upstream(f"https://{host}", Tokens(host, is_, iap.signed_by_google(is_)))


@contextmanager
def serving(upstream: Upstream, port: int) -> Iterator[int]:
    """Serve at this port of the loopback address, or at any with 0; gives the port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                answer = upstream.ask(self.command, self.path, dict(self.headers), body)
                status, headers, content = answer.status_code, dict(answer.headers), answer.content
                if status in _REFUSED and "x-goog-iap-generated-response" in answer.headers:
                    status, headers = 403, {"Content-Type": "application/json"}
                    content = _said("Identity-Aware Proxy does not let this service account in")
            except CommandFailed as failed:
                status, headers = 502, {"Content-Type": "application/json"}
                content = _said("; ".join(problem.what for problem in failed.problems))
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in _OF_A_CONNECTION:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815 - as http.server calls them

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer((ADDRESS, port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _said(what: str) -> bytes:
    return json.dumps({"error": f"metaflow-gcp: {what}"}).encode()
