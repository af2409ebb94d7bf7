"""Stand-ins, on loopback, for the two servers that Metaflow's client talks to besides the bucket.

They keep what they are told and answer as little as the client needs. Neither is what runs on the platform: of
Kubernetes we want to see what the client asks for, of the metadata service only that it answers.
"""

import json
import re
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

Answer = tuple[int, dict[str, Any]]
NOT_FOUND: Answer = (404, {"kind": "Status", "apiVersion": "v1", "code": 404, "message": "not found"})


class Server:
    """HTTP and JSON on a free port; what a request is answered is for its subclasses to say."""

    headers: ClassVar[dict[str, str]] = {}

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = server.answer(self.command, urlsplit(self.path).path, json.loads(body or "{}"))
            text = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **server.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - what http.server calls

        def log_message(self, *_arguments: object) -> None:
            """Quietly."""

    return Handler


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the client asked of Kubernetes, in the words of Kubernetes' roles."""

    verb: str
    group: str
    resource: str
    namespace: str
    name: str | None
    body: dict[str, Any]


class Kubernetes(Server):
    """Accepts every object, returns it as it came, and lets no job ever end."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._objects: dict[tuple[str, ...], dict[str, Any]] = {}

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        request = _request(method, path, body)
        if request is None:
            return NOT_FOUND
        self.requests.append(request)
        place = (request.group, request.resource, request.namespace)
        if request.verb == "create":
            kept = body | {"metadata": _about(request) | body["metadata"], "status": {"active": 1}}
            self._objects[*place, kept["metadata"]["name"]] = kept
            return 201, kept
        if request.name is None:
            return 200, {"kind": "List", "metadata": {}, "items": []}
        found = self._objects.get((*place, request.name))
        return NOT_FOUND if found is None else (200, found)

    def created(self, resource: str) -> list[dict[str, Any]]:
        return [each.body for each in self.requests if (each.verb, each.resource) == ("create", resource)]


def _about(request: Request) -> dict[str, str]:
    """What Kubernetes adds."""
    name = f"{request.body['metadata'].get('generateName')}1"
    return {"name": name, "namespace": request.namespace, "resourceVersion": "1"}


_PATH = re.compile(r"/apis?/(?:([^/]+)/)?v[^/]+/namespaces/([^/]+)/([^/]+)(?:/([^/]+))?(?:/([^/]+))?")
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


def _request(method: str, path: str, body: dict[str, Any]) -> Request | None:
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    group, namespace, plural, name, part = found.groups()
    return Request(
        verb=_VERBS.get(method) or ("get" if name else "list"),
        group=group or "",
        resource=f"{plural}/{part}" if part else plural,
        namespace=namespace,
        name=name,
        body=body,
    )


class MetadataService(Server):
    """Numbers runs and tasks."""

    headers: ClassVar[dict[str, str]] = {"METADATA_SERVICE_VERSION": "2.5.0"}

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        if path == "/ping":
            return 200, {}
        if method == "GET":
            found = self._known.get(path)
            return NOT_FOUND if found is None else (200, found)
        place, _, kind = path.rpartition("/")
        with self._lock:
            if place == "/flows":
                self._known[path] = body
            elif kind == "step":
                self._known[place] = body
            elif kind in {"run", "task"}:
                number = len(self._known)
                body |= {"run_number": number} if kind == "run" else {"task_id": number}
                self._known[f"{place}/{kind}s/{number}"] = body
        return 200, body if isinstance(body, dict) else {}
