"""kubectl itself, where it is installed: our arguments are its own, and its words are those that we look for.

As far as an API goes that answers, but opens no tunnel: that takes SPDY inside WebSockets, and a cluster's nodes.
"""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from metaflow_gcp_tools.commands.forward import kubectl
from metaflow_gcp_tools.platform.description import Platform
from tests.tools.commands.forward.platforms import StandIn

KUBECTL = shutil.which("kubectl")

METADATA = {"name": "metadata-service", "namespace": "metaflow"}
POD = {"metadata": {"name": "pod", "namespace": "metaflow"}, "spec": {"containers": [{"name": "it"}]}}


class _Api(BaseHTTPRequestHandler):
    """As little of Kubernetes as kubectl asks for. `phase` is the pod's, `None` without a Service."""

    asked: ClassVar[list[str]] = []
    phase: ClassVar[str | None] = "Running"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.asked.append(path)
        pod = POD | {"kind": "Pod", "apiVersion": "v1", "status": {"phase": self.phase}}
        found: dict[str, Any] = {
            "/api": {"kind": "APIVersions", "versions": ["v1"]},
            "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
            "/api/v1": {
                "kind": "APIResourceList",
                "groupVersion": "v1",
                "resources": [
                    {"name": f"{kind.lower()}s", "namespaced": True, "kind": kind, "verbs": ["get", "list"]}
                    for kind in ("Service", "Pod")
                ],
            },
            "/api/v1/namespaces/metaflow/pods": {"kind": "PodList", "apiVersion": "v1", "items": [pod]},
            "/api/v1/namespaces/metaflow/pods/pod": pod,
        }
        if self.phase:
            found["/api/v1/namespaces/metaflow/services/metadata-service"] = {
                "kind": "Service",
                "apiVersion": "v1",
                "metadata": METADATA,
                "spec": {"selector": {"app": "it"}, "ports": [{"port": 8080, "targetPort": 80}]},
            }
        missing = {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "reason": "NotFound",
            "code": 404,
            "message": f'services "{path.rpartition("/")[2]}" not found',
        }
        text = json.dumps(found.get(path, missing)).encode()
        self.send_response(200 if path in found else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_POST = do_GET  # noqa: N815 - what http.server calls

    def log_message(self, *_arguments: object) -> None:
        """Quietly."""


def _kubeconfig(folder: Path, server: str) -> Path:
    file = folder / "kubeconfig"
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "it", "cluster": {"server": server}}],
        "users": [{"name": "ada", "user": {"token": "none"}}],
        "contexts": [{"name": Platform.load("").kube_context, "context": {"cluster": "it", "user": "ada"}}],
    }
    file.write_text(json.dumps(content))
    return file


@pytest.fixture
def api() -> Iterator[str]:
    _Api.asked.clear()
    _Api.phase = "Running"
    with ThreadingHTTPServer(("127.0.0.1", 0), _Api) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _said(folder: Path, kubeconfig: Path) -> str:
    platform = Platform.load("")
    forward = platform.forwards[0]
    assert KUBECTL
    command = [KUBECTL, *kubectl.arguments(platform, forward, forward.port)[1:]]
    # The Service's own port, as it is deployed.
    command = [each.replace(f":{forward.port}", ":8080") for each in command]
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "KUBECONFIG": str(kubeconfig)}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False).stderr


if KUBECTL:

    def test_it_takes_our_arguments(api: str, here: StandIn, tmp_path: Path) -> None:
        """So far that it asks for a tunnel into the Service's pod."""
        said = _said(tmp_path, _kubeconfig(tmp_path, api))
        assert "/api/v1/namespaces/metaflow/services/metadata-service" in _Api.asked
        assert "/api/v1/namespaces/metaflow/pods/pod/portforward" in _Api.asked, said
        assert "upgrad" in said

    @pytest.mark.parametrize(
        ("phase", "what"),
        [("Pending", "its pod is not running"), (None, "there is no such service in the cluster")],
    )
    def test_what_it_says_of_a_service_is_understood(phase, what, api: str, here: StandIn, tmp_path: Path) -> None:
        _Api.phase = phase
        found = kubectl.fault(_said(tmp_path, _kubeconfig(tmp_path, api)))
        assert (found.what, found.of_service) == (what, True)

    def test_what_it_says_of_a_cluster_is_understood(here: StandIn, tmp_path: Path) -> None:
        nobody = _kubeconfig(tmp_path, "http://127.0.0.1:1")
        assert kubectl.fault(_said(tmp_path, nobody)).what == "the cluster cannot be reached"

    def test_what_it_says_of_a_context_is_understood(here: StandIn, tmp_path: Path) -> None:
        found = kubectl.fault(_said(tmp_path, tmp_path / "none"))
        assert found.final
        assert "metaflow-gcp configure" in found.next_step
