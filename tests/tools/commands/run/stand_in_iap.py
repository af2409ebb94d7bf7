"""A stand-in of Identity-Aware Proxy with the service behind it, and of IAM, which signs tokens for it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

HOST = "metadata.ml.example.com"
ACCOUNT = "ci@acme-metaflow.iam.gserviceaccount.com"
_KEY = b"known to Google only"


def sign(claims: dict[str, Any]) -> str:
    """As IAM does, with another algorithm."""
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
    return f"{body}.{_mac(body)}"


def _mac(body: str) -> str:
    return hmac.new(_KEY, body.encode(), hashlib.sha256).hexdigest()


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[Asked], tuple[int, bytes]]


@dataclass
class StandInIap:
    """Lets in who comes with a token of an account that has the right, and tells what it refused."""

    answer: Answer
    """The service's."""
    now: Callable[[], float]
    accounts: set[str] = field(default_factory=lambda: {ACCOUNT})
    headers: dict[str, str] = field(default_factory=dict)
    """Of the service's answers."""
    broken: int = 0
    """Requests whose connection is broken before an answer, from now on."""
    passed: list[Asked] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def handle(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        wrong = self._wrong(asked.headers.get("Proxy-Authorization", ""))
        if wrong:
            self.refused.append(wrong)
            return 401, {"x-goog-iap-generated-response": "true"}, f"Invalid IAP credentials: {wrong}".encode()
        self.passed.append(asked)
        status, content = self.answer(asked)
        return status, {"Content-Type": "application/json", "Connection": "keep-alive", **self.headers}, content

    def _wrong(self, given: str) -> str:
        scheme, _, token = given.partition(" ")
        body, _, mac = token.partition(".")
        if scheme != "Bearer" or not hmac.compare_digest(mac, _mac(body)):
            return "no token"
        claims = json.loads(base64.urlsafe_b64decode(body))
        if claims["iss"] != claims["sub"] or claims["iss"] not in self.accounts:
            return "who is that"
        if claims["aud"] != f"https://{HOST}/*":
            return "for somebody else"
        if not claims["iat"] <= self.now() <= claims["exp"]:
            return "expired"
        return ""

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Gives its URL."""
        iap = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _handle(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if iap.broken:
                    iap.broken -= 1
                    self.close_connection = True
                    self.connection.close()
                    return
                status, headers, content = iap.handle(Asked(self.command, self.path, dict(self.headers), content))
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = _handle  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
