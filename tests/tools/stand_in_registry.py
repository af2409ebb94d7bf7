"""A local server that answers as registries and Helm repositories do.

    with StandInRegistry() as registry:
        registry.have("library/nats:2.10.10")          # 127.0.0.1:PORT/library/nats:2.10.10
        registry.have_chart("argo-events", "2.4.22", "v1.9.10")
        registry.refuse("library/private", 401)        # or 429, 503; `SILENT` answers nothing

It wants an anonymous token, as Docker Hub does, and speaks as the specification of the distribution API says:
https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit

TOKEN = "anonymous"
SILENT = 0


class StandInRegistry:
    def __init__(self) -> None:
        self.asked: list[str] = []
        """`HEAD /v2/library/nats/manifests/2.10.10`, and so on."""
        self.headers: list[dict[str, str]] = []
        self.realm = ""
        """Where tokens are given, when not here."""
        self._manifests: dict[tuple[str, str], str] = {}
        self._charts: dict[str, list[dict[str, object]]] = {}
        self._refusals: dict[str, int] = {}
        self._archives_gone = False
        self._over = threading.Event()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def charts(self) -> str:
        """The address of its Helm repository."""
        return f"http://{self.host}/charts"

    def have(self, name: str) -> str:
        """Its digest."""
        tagged, _, digest = name.partition("@")
        repository, _, tag = tagged.partition(":")
        digest = digest or f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"
        self._manifests[repository, tag] = self._manifests[repository, digest] = digest
        return digest

    def have_chart(self, name: str, version: str, app_version: str) -> None:
        entry = {"name": name, "version": version, "appVersion": app_version, "digest": "ab" * 32}
        self._charts.setdefault(name, []).append({**entry, "urls": [f"archives/{name}-{version}.tgz"]})

    def moved(self, manifest: dict[str, list[dict[str, str]]]) -> dict[str, list[dict[str, str]]]:
        """The images and charts of a platform's manifest, here instead of where they are; all of them exist."""
        images, charts = [], []
        for image in manifest["images"]:
            path = image["name"].partition("/")[2]
            self.have(path)
            images.append(image | {"name": f"{self.host}/{path}"})
        for chart in manifest["charts"]:
            kind, _, rest = chart["repository"].partition("://")
            if kind == "oci":
                path = rest.partition("/")[2]
                self.have(f"{path}/{chart['name']}:{chart['version']}")
                charts.append(chart | {"repository": f"oci://{self.host}/{path}"})
            else:
                self.have_chart(chart["name"], chart["version"], chart["app_version"])
                charts.append(chart | {"repository": self.charts})
        return {"images": images, "charts": charts}

    def lose(self, name: str) -> None:
        repository, _, tag = name.rpartition(":")
        del self._manifests[repository, tag]

    def lose_archives(self) -> None:
        self._archives_gone = True

    def refuse(self, repository: str, status: int) -> None:
        self._refusals[repository] = status

    def __enter__(self) -> Self:
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                registry._answer(self)

            def do_HEAD(self) -> None:
                registry._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(f"{request.command} {request.path}")
        self.headers.append(dict(request.headers))
        url = urlsplit(request.path)
        parts = url.path.strip("/").split("/")
        if parts == ["token"]:
            scope = parse_qs(url.query)["scope"][0]
            assert scope.startswith("repository:"), scope
            _send(request, 200, json.dumps({"token": TOKEN}))
        elif parts[0] == "charts":
            self._answer_of_charts(request, parts[1:])
        else:
            self._answer_of_manifests(request, "/".join(parts[1:-2]), parts[-1])

    def _answer_of_charts(self, request: BaseHTTPRequestHandler, parts: list[str]) -> None:
        if status := self._refusals.get("charts"):
            _send(request, status)
        elif parts == ["index.yaml"]:
            _send(request, 200, json.dumps({"apiVersion": "v1", "entries": self._charts}))
        else:
            _send(request, 404 if self._archives_gone else 200)

    def _answer_of_manifests(self, request: BaseHTTPRequestHandler, repository: str, version: str) -> None:
        status = self._refusals.get(repository)
        if status == SILENT:
            self._over.wait()
        elif status:
            _send(request, status)
        elif request.headers.get("Authorization") != f"Bearer {TOKEN}":
            realm = self.realm or f"http://{self.host}/token"
            challenge = f'realm="{realm}",service="stand-in",scope="repository:{repository}:pull"'
            _send(request, 401, headers={"WWW-Authenticate": f"Bearer {challenge}"})
        elif digest := self._manifests.get((repository, version)):
            kind = "application/vnd.oci.image.index.v1+json"
            _send(request, 200, headers={"Content-Type": kind, "Docker-Content-Digest": digest})
        else:
            _send(request, 404)


def _send(request: BaseHTTPRequestHandler, status: int, text: str = "", headers: dict[str, str] | None = None) -> None:
    request.send_response(status)
    for name, value in (headers or {}).items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(text)))
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(text.encode())
