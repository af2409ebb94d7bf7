"""A flow from a laptop, through `metaflow-gcp run`: the client finds the metadata service by a forward."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.metaflow import clients
from tests.metaflow.deployment import Deployment
from tests.metaflow.laptop import FORWARD, PATIENCE, Laptop, laptop, objects
from tests.metaflow.stand_ins import Kubernetes, MetadataService
from tests.tools.commands.forward.platforms import install_kubectl
from tests.tools.conftest import PROGRAM

Run = Callable[..., subprocess.CompletedProcess[str]]


class Metadata(MetadataService):
    """Remembers what was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str]] = []

    def answer(self, method: str, path: str, body: dict) -> tuple[int, dict]:
        self.asked.append((method, path))
        return super().answer(method, path, body)


@pytest.fixture
def service() -> Iterator[Metadata]:
    with Metadata() as made:
        yield made


@pytest.fixture
def machine(deployment: Deployment, service: Metadata, tmp_path: Path) -> Iterator[Laptop]:
    client = clients.client("newest")
    with Kubernetes() as kubernetes, laptop(tmp_path, client, deployment.profile, kubernetes, service) as made:
        # As `metaflow-gcp configure` writes it.
        description = tmp_path / "home/metaflow-gcp/default.json"
        description.parent.mkdir()
        description.write_text(json.dumps(deployment.description))
        made.environment.pop(FORWARD)
        made.environment.update(install_kubectl(tmp_path, {"metadata-service": int(service.url.rpartition(":")[2])}))
        yield made


@pytest.fixture
def run(machine: Laptop) -> Run:
    def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROGRAM, "run", "--", *command],
            cwd=machine.folder / "flows",
            env=machine.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    return run


def test_a_flow_records_to_the_platform(run: Run, machine: Laptop, service: Metadata, deployment: Deployment) -> None:
    told = run(machine.client.python, "small.py", "run")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "the answer is 42" in told.stdout
    assert ("POST", "/flows/SmallFlow/run") in service.asked
    [bucket, *_] = deployment.profile["METAFLOW_DATASTORE_SYSROOT_GS"].removeprefix("gs://").split("/")
    assert any("SmallFlow" in each for each in objects(machine.environment["STORAGE_EMULATOR_HOST"], bucket))


def test_a_flow_that_fails_gives_its_exit_code(run: Run, machine: Laptop) -> None:
    told = run(machine.client.python, "small.py", "no-such-command")
    assert told.returncode == 2
    assert "no-such-command" in told.stderr


def test_the_client_says_where_it_looks(run: Run, machine: Laptop) -> None:
    told = run("sh", "-c", f'echo "$METAFLOW_SERVICE_URL"; "{machine.client.python}" -m metaflow.cmd.main_cli status')
    url, *status = told.stdout.splitlines()
    assert url in "\n".join(status)
