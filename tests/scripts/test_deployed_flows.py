"""Which flows are deployed, as a cluster says it."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from kubernetes.client import ApiClient, Configuration

from scripts.deployed_flows import named, told

PATH = "/apis/argoproj.io/v1alpha1/namespaces/jobs/workflowtemplates"
LABELS = "labelSelector=app.kubernetes.io%2Fpart-of%3Dmetaflow"


def template(name: str, **annotations: str) -> dict[str, Any]:
    said = {f"metaflow/{key}": value for key, value in annotations.items()}
    return {"metadata": {"name": name, "annotations": said}}


@pytest.fixture
def cluster() -> Iterator[ApiClient]:
    items = [
        template("trainflow", flow_name="TrainFlow", owner="ada", cron="{}", sensor_name="trainflow"),
        template("helloflow", flow_name="HelloFlow", owner="grace"),
    ]

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == f"{PATH}?{LABELS}" else 404)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps({"items": items}).encode())

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield ApiClient(Configuration(host=f"http://127.0.0.1:{server.server_port}"))
        server.shutdown()


def test_each_flow_with_its_owner_and_what_starts_it(cluster: ApiClient) -> None:
    assert named(cluster, "jobs") == [
        "HelloFlow (helloflow, of grace)",
        "TrainFlow (trainflow, of ada, on a schedule, started by events)",
    ]


def test_without_a_state_it_is_said_that_nobody_knows(tmp_path: Path) -> None:
    [line] = told(tmp_path)
    assert line.startswith("Which flows are deployed is not known: the state of the stack `services` does not say")
