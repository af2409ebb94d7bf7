"""A local server that answers as Google's APIs do, for what would need an account.

    google = StandInGoogle()
    google.answer("storage.buckets.list", {"items": [...]})                 # or a function of the `Call`
    google.answer("container.projects.locations.clusters.get", Refusal(403, "no rights"))
    google.slow("compute", seconds=2)
    with google.serving() as environment: ...                               # what points a client at it
    assert google.calls_of("storage.buckets.list")[0].parameters["project"] == "acme-metaflow"

Requests and answers are checked against the discovery documents: `serving` ends with an `AssertionError` when one was
not as described, or when a method was called that has no answer.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.tools import discovery
from tests.tools.discovery import Api, Call

TOKEN = "stand-in-token"
"""What clients send; it must never be seen in what they write."""


@dataclass(frozen=True)
class Refusal:
    """An error as Google's APIs tell it."""

    code: int
    message: str
    reason: str = "forbidden"
    details: tuple[dict[str, Any], ...] = ()

    def body(self) -> dict[str, Any]:
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "errors": [{"message": self.message, "domain": "global", "reason": self.reason}],
                "details": list(self.details),
            }
        }


Answer = dict[str, Any] | bytes | Refusal
"""JSON; the content of an object (`alt=media`); or no."""


class StandInGoogle:
    """Answers what it was told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.faults: list[str] = []
        self._answers: dict[str, Callable[[Call], Answer]] = {}
        self._delays: dict[str, float] = {}
        self._apis: dict[str, list[Api]] = {}
        """By name, each version of it."""
        self._stopped = threading.Event()

    def use(self, name: str, version: str, api: Api | None = None) -> None:
        """Stand in for this API; `api` when its document does not come with google-api-python-client."""
        self._apis.setdefault(name, []).append(api or discovery.api(name, version))

    def answer(self, method: str, answer: Answer | Callable[[Call], Answer]) -> None:
        """Answer a method, known by the id that the discovery document gives it, from now on."""
        self._answers[method] = answer if callable(answer) else lambda _: answer

    def refuse(self, prefix: str, refusal: Refusal) -> None:
        """Refuse every method whose id begins so: `compute.`."""
        for method in [
            each for apis in self._apis.values() for api in apis for each in api.methods if each.startswith(prefix)
        ]:
            self.answer(method, refusal)

    def slow(self, prefix: str, seconds: float) -> None:
        """Wait before answering methods whose id begins so."""
        self._delays[prefix] = seconds

    def calls_of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    @contextmanager
    def serving(self) -> Iterator[dict[str, str]]:
        """Serve; gives the environment variables that make clients come here."""
        google = self

        class Handler(BaseHTTPRequestHandler):
            def _handle(self) -> None:
                google.handle(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815 - as http.server calls them

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield {
                "GOOGLE_OAUTH_ACCESS_TOKEN": TOKEN,
                **{f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{name.upper()}": f"{address}/{name}/" for name in self._apis},
            }
        finally:
            self._stopped.set()
            server.shutdown()
            thread.join()
            server.server_close()
        assert not self.faults, "\n".join(self.faults)

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        url = urlsplit(request.path)
        name, _, path = url.path.removeprefix("/").partition("/")
        sent = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        read = ((api, api.read(request.command, path, url.query, sent)) for api in self._apis[name])
        api, call = next(((api, call) for api, call in read if call), (None, None))
        if api is None or call is None:
            self.faults.append(f"{name} has no method {request.command} {path}")
            answer: Answer = Refusal(404, "no such method")
        else:
            answer = self._answer(api, call)
        with suppress(ConnectionError):  # A client that was made to wait too long has gone.
            _write(request, answer)

    def _answer(self, api: Api, call: Call) -> Answer:
        self.calls.append(call)
        self.faults.extend(call.faults)
        for prefix, seconds in self._delays.items():
            if call.method.startswith(prefix):
                self._stopped.wait(seconds)
        if call.method not in self._answers:
            self.faults.append(f"{call.method} was called, and has no answer")
            return Refusal(501, "the stand-in has no answer")
        answer = self._answers[call.method](call)
        if isinstance(answer, dict):
            self.faults.extend(api.faults_of_answer(call.method, answer))
        return answer


def _write(request: BaseHTTPRequestHandler, answer: Answer) -> None:
    content = (
        answer
        if isinstance(answer, bytes)
        else json.dumps(answer.body() if isinstance(answer, Refusal) else answer).encode()
    )
    request.send_response(answer.code if isinstance(answer, Refusal) else 200)
    request.send_header("Content-Type", "application/octet-stream" if isinstance(answer, bytes) else "application/json")
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)
