"""A local server that answers as Kubernetes' API does, for what would need a cluster.

    cluster = StandInKubernetes()
    cluster.add(pod("metadata-service-1", "metaflow", ...), service(...))
    cluster.forbid("/api/v1/nodes")
    with cluster.serving() as kubeconfig: ...                   # its text

What it holds is checked against Kubernetes' own schemas when it is added. It filters and pages as Kubernetes does.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import kubernetes_validate

TOKEN = "stand-in-token"
"""What clients send; it must never be seen in what they write."""

CONTEXT = "gke_acme-metaflow_us-west1_gke-metaflow-default"

_PATHS = {
    "Pod": "/api/v1/namespaces/{}/pods",
    "Service": "/api/v1/namespaces/{}/services",
    "Event": "/api/v1/namespaces/{}/events",
    "Node": "/api/v1/nodes",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "StatefulSet": "/apis/apps/v1/namespaces/{}/statefulsets",
    "Job": "/apis/batch/v1/namespaces/{}/jobs",
    "Workflow": "/apis/argoproj.io/v1alpha1/namespaces/{}/workflows",
}


class StandInKubernetes:
    """Lists what it was given, and remembers what it was asked."""

    def __init__(self, *, page: int = 500) -> None:
        self.asked: list[str] = []
        self._page = page
        """Objects of an answer, at most."""
        self._objects: dict[str, list[dict[str, Any]]] = {}
        self._refusals: dict[str, int] = {}
        self._delay = 0.0
        self._stopped = threading.Event()

    def add(self, *objects: dict[str, Any]) -> None:
        for each in objects:
            if each["kind"] != "Workflow":
                _validate(re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "2026-01-01T00:00:00Z", json.dumps(each)))
            path = _PATHS[each["kind"]].format(each["metadata"].get("namespace"))
            self._objects.setdefault(path, []).append(each)

    def remove(self, kind: str, name: str) -> None:
        for path, objects in self._objects.items():
            self._objects[path] = [each for each in objects if (each["kind"], each["metadata"]["name"]) != (kind, name)]

    def forbid(self, *paths: str, status: int = 403) -> None:
        """Refuse paths that begin so."""
        self._refusals.update(dict.fromkeys(paths, status))

    def slow(self, seconds: float) -> None:
        """Wait before each answer."""
        self._delay = seconds

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve; gives the text of a kubeconfig whose context `CONTEXT` leads here."""
        kubernetes = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with suppress(ConnectionError):
                    kubernetes._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield kubeconfig(f"http://127.0.0.1:{server.server_port}")
        finally:
            self._stopped.set()
            server.shutdown()
            thread.join()
            server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        url = urlsplit(request.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        self.asked.append(request.path)
        self._stopped.wait(self._delay)
        status = next((code for path, code in self._refusals.items() if url.path.startswith(path)), 200)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            status = 401
        if status == 200:
            body = self._list(url.path, query)
        else:
            body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "no", "code": status}
        content = json.dumps(body).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def _list(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        found = [each for each in self._objects.get(path, []) if _selected(each, query)]
        start = int(query.get("continue", 0))
        end = start + min(int(query.get("limit", self._page)), self._page)
        return {
            "kind": "List",
            "apiVersion": "v1",
            "metadata": {"resourceVersion": "1", "continue": str(end) if end < len(found) else ""},
            "items": found[start:end],
        }


def kubeconfig(server: str) -> str:
    """As `gcloud container clusters get-credentials` writes it, with a plugin that gives our token."""
    answer = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "kind": "ExecCredential",
        "status": {"token": TOKEN},
    }
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "echo",
        "args": [json.dumps(answer)],
        "provideClusterInfo": True,
    }
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": CONTEXT, "cluster": {"server": server}}],
            "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
            "users": [{"name": CONTEXT, "user": {"exec": plugin}}],
        }
    )


@cache
def _validate(text: str) -> None:
    """Once for what is the same in many tests: it takes its time."""
    kubernetes_validate.validate(json.loads(text), kubernetes_validate.latest_version(), strict=True)


def _selected(each: dict[str, Any], query: dict[str, str]) -> bool:
    def has(condition: str, value_of: Any) -> bool:
        if "!=" in condition:
            key, _, value = condition.partition("!=")
            return value_of(key) != value
        key, _, value = condition.partition("=")
        return value_of(key) == value

    def field(path: str) -> Any:
        value: Any = each
        for step in path.split("."):
            value = value.get(step, {})
        return value

    labels = each["metadata"].get("labels", {})
    fields = [part for part in query.get("fieldSelector", "").split(",") if part]
    selectors = [part for part in query.get("labelSelector", "").split(",") if part]
    return all(has(part, field) for part in fields) and all(has(part, labels.get) for part in selectors)
