"""A platform to forward to: services that answer, a stand-in kubectl that leads to them, and a configured profile."""

import json
import os
import random
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

KUBECTL = Path(__file__).with_name("stand_in_kubectl.py")

PATIENCE = 30.0
"""Seconds. What has not come by then does not come."""

SERVICES = {
    "metadata-service": ("metaflow", "metadata-service", "METAFLOW_SERVICE_URL", "/"),
    "metaflow-ui": ("metaflow", "metaflow-ui", "METAFLOW_UI_URL", ""),
    "argo-server": ("argo", "argo-workflows-server", "METAFLOW_ARGO_WORKFLOWS_UI_URL", ""),
    "events": (
        "metaflow-jobs",
        "argo-events-webhook-eventsource-svc",
        "METAFLOW_ARGO_EVENTS_WEBHOOK_URL",
        "/metaflow-event",
    ),
}
"""Forward -> namespace, Service, Metaflow's setting and its path."""

TWO = ("metadata-service", "events")
"""Enough for most tests: each forward is two processes more to start."""


def eventually(holds: Callable[[], bool], what: str, within: float = PATIENCE) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, f"not within {within:g} s: {what}"
        time.sleep(0.02)


def free_port() -> int:
    """Below those that the system gives to connections: a forward that is down for a moment must not lose it to one."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as ours, suppress(OSError):
            ours.bind(("127.0.0.1", port))
            return port


def free_ports(names: Iterable[str]) -> dict[str, int]:
    return {name: free_port() for name in names}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, _Service)
        late, server.slow_once = server.slow_once, 0.0
        time.sleep(late)
        with suppress(ConnectionError):
            self.send_response(server.status)
            self.end_headers()
            self.wfile.write(server.name.encode())
        server.answered += 1

    def log_message(self, *_arguments: object) -> None:
        """Quietly."""


class _Service(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.name = name
        self.status = 200
        self.answered = 0
        self.slow_once = 0.0
        """Seconds, that the next answer comes late by."""


@dataclass(frozen=True)
class StandIn:
    """One machine's view of a platform."""

    folder: Path
    environment: dict[str, str]
    ports: dict[str, int]
    """Of the forwards on this machine, as the profile has them."""
    services: dict[str, _Service]

    def set_mode(self, name: str, mode: str) -> None:
        """How kubectl behaves for this forward, from now on."""
        file = self.folder / "kubectl" / f"{SERVICES[name][1]}.mode"
        new = file.with_suffix(".new")
        new.write_text(mode)
        new.replace(file)

    def starts(self, name: str) -> list[int]:
        """The processes of the kubectls so far."""
        file = self.folder / "kubectl" / f"{SERVICES[name][1]}.starts"
        return [int(line) for line in file.read_text().splitlines()] if file.exists() else []

    def answers(self, name: str, port: int | None = None) -> bool:
        """Whether the service itself answers at this machine's port."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port or self.ports[name]}/", timeout=0.5) as answer:
                return bool(answer.read() == name.encode())
        except (OSError, HTTPException):
            return False

    def processes(self) -> list[psutil.Process]:
        """Whatever runs on behalf of this machine: kubectls, their guards, and metaflow-gcp in the background."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("STAND_IN_KUBECTL") == self.environment["STAND_IN_KUBECTL"]:
                    found.append(process)
            except psutil.Error:
                continue
        return found


@contextmanager
def stand_in(
    folder: Path,
    environment: Mapping[str, str],
    *,
    project: str = "acme-metaflow",
    ports: dict[str, int] | None = None,
) -> Iterator[StandIn]:
    """Another project is another platform. `ports`, of the forwards that there are, are free ones unless given."""
    ports = ports or free_ports(TWO)
    home = folder / "metaflow-home"
    _write(home / "metaflow-gcp" / "default.json", description(project, ports))
    _write(
        home / "config.json",
        {SERVICES[name][2]: f"http://127.0.0.1:{port}{SERVICES[name][3]}" for name, port in ports.items()},
    )
    with ExitStack() as stack:
        services = {name: stack.enter_context(_Service(name)) for name in ports}
        for service in services.values():
            threading.Thread(target=service.serve_forever, args=(0.05,), daemon=True).start()
            stack.callback(service.shutdown)
        there = install_kubectl(folder, {name: service.server_port for name, service in services.items()})
        machine = StandIn(
            folder=folder,
            environment={**environment, **there, "METAFLOW_HOME": str(home)},
            ports=ports,
            services=services,
        )
        try:
            yield machine
        finally:
            for process in machine.processes():
                process.kill()


def install_kubectl(folder: Path, leads_to: dict[str, int]) -> dict[str, str]:
    """The stand-in, and a folder for what runs. Returns what to set for it.

    `leads_to` says at which port of this machine each forward's service really is; others do not exist.
    """
    program = folder / "bin" / "kubectl"
    told = folder / "kubectl"
    for each in (program.parent, told):
        each.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{KUBECTL}" "$@"\n')
    program.chmod(0o755)
    for name, (_, service, _, _) in SERVICES.items():
        if name in leads_to:
            (told / f"{service}.port").write_text(str(leads_to[name]))
        else:
            (told / f"{service}.mode").write_text("gone")
    return {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "STAND_IN_KUBECTL": str(told),
        "XDG_STATE_HOME": str(folder / "state"),
    }


def description(project: str, ports: dict[str, int]) -> dict[str, object]:
    """As the bucket has it."""
    return {
        "kind": "PlatformDescription",
        "version": 1,
        "project": project,
        "environment": "default",
        "bucket": f"storage-acme-{project}-metaflow-default",
        "cluster_name": "gke-metaflow-default",
        "cluster_location": "us-west1",
        "cluster_dns_endpoint": "gke-0.us-west1.gke.goog",
        "images": "us-west1-docker.pkg.dev/x/y",
        "services_namespace": "metaflow",
        "jobs_namespace": "metaflow-jobs",
        "forwards": [
            {"name": name, "namespace": SERVICES[name][0], "service": SERVICES[name][1], "port": port}
            for name, port in ports.items()
        ],
    }


def _write(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))
