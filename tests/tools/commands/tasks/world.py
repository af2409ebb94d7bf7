"""A run, as Metaflow's metadata service, Kubernetes and Cloud Logging know it: stand-ins for all three."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from metaflow_gcp_tools.clients import google as google_apis
from metaflow_gcp_tools.commands.forward import records
from tests.tools.commands.status.conftest import PLATFORM
from tests.tools.commands.status.objects import JOBS, pod
from tests.tools.commands.status.stand_in_kubernetes import StandInKubernetes
from tests.tools.conftest import Ran
from tests.tools.stand_in_google import StandInGoogle

START = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)


def row(field_name: str, value: str, step: str, task: str, *, attempt: int = 0, minutes: float = 0) -> dict[str, Any]:
    """Of metadata, as the service answers: services/data/models.py, `MetadataRow`, in v2.5.0."""
    return {
        "flow_id": "HelloFlow",
        "run_number": "12",
        "run_id": None,
        "step_name": step,
        "task_id": task,
        "task_name": None,
        "id": 1,
        "field_name": field_name,
        "value": value,
        "type": field_name,
        "user_name": "ada",
        "ts_epoch": int((START + timedelta(minutes=minutes)).timestamp() * 1000),
        "tags": [],
        "system_tags": [f"attempt_id:{attempt}"],
    }


def attempt(
    step: str, task: str, pod_name: str, *, number: int = 0, minutes: float = 0, ok: bool | None = True, took: float = 6
) -> list[dict[str, Any]]:
    """What Metaflow registers of one attempt."""
    rows = [
        row("attempt", str(number), step, task, attempt=number, minutes=minutes),
        row("kubernetes-pod-name", pod_name, step, task, attempt=number, minutes=minutes),
    ]
    if ok is not None:
        rows.append(row("attempt_ok", str(ok), step, task, attempt=number, minutes=minutes + took))
    return rows


def task_pod(name: str, step: str, task: str, *, run: str = "12", number: int = 0, **more: Any) -> dict[str, Any]:
    """A pod as Metaflow's client makes it."""
    made = pod(
        name, JOBS, owner=("Job", name.rpartition("-")[0]), labels={"app.kubernetes.io/part-of": "metaflow"}, **more
    )
    made["metadata"]["annotations"] = {
        "metaflow/flow_name": "HelloFlow",
        "metaflow/run_id": run,
        "metaflow/step_name": step,
        "metaflow/attempt": str(number),
        **({"metaflow/task_id": task} if task else {}),
    }
    return made


def entry(pod_name: str, text: str, *, container: str = "main", minutes: float = 0, **more: Any) -> dict[str, Any]:
    """Of Cloud Logging, as GKE writes it."""
    return {
        "timestamp": (START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "resource": {"type": "k8s_container", "labels": {"pod_name": pod_name, "container_name": container}},
        "labels": {"compute.googleapis.com/resource_name": "gke-gke-metaflow-default-l4-0a1b2c3d-wxyz"},
        "textPayload": f"{text}\n",
        **more,
    }


@dataclass
class World:
    run_here: Callable[..., Ran]
    home: Path
    patch: pytest.MonkeyPatch
    kubernetes: StandInKubernetes = field(default_factory=StandInKubernetes)
    google: StandInGoogle = field(default_factory=StandInGoogle)
    rows: list[dict[str, Any]] | None = field(default_factory=list)
    """Of the run; `None`: the service does not know it."""
    entries: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Paths of the metadata service."""

    def run(self, *arguments: str, **environment: str) -> Ran:
        with self.metadata() as port, self.kubernetes.serving() as kubeconfig, self.google.serving() as served:
            file = self.home / "kubeconfig"
            file.write_text(kubeconfig)
            google_apis.credentials.cache_clear()
            with self.patch.context() as patch:
                # Somebody's `metaflow-gcp forward` has it open.
                patch.setattr(records, "carrier", lambda *_: (1, port))
                ran = self.run_here(*arguments, **{**served, "KUBECONFIG": str(file), **environment})
            google_apis.credentials.cache_clear()
            return ran

    @property
    def queries(self) -> list[str]:
        return [call.body["filter"] for call in self.google.calls_of("logging.entries.list")]

    @contextmanager
    def metadata(self) -> Iterator[int]:
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                world.asked.append(self.path)
                self.send_response(404 if world.rows is None else 200)
                self.end_headers()
                self.wfile.write(json.dumps(world.rows if world.rows is not None else {"message": "no"}).encode())

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.fixture
def world(run_here: Callable[..., Ran], environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> World:
    home = Path(environment["HOME"])
    described = home / ".metaflowconfig/metaflow-gcp/default.json"
    described.parent.mkdir(parents=True)
    described.write_text(json.dumps(PLATFORM))
    world = World(run_here, home, monkeypatch)
    world.google.use("logging", "v2")
    world.google.answer("logging.entries.list", lambda _: {"entries": world.entries})
    return world
