"""Deploys once and lets each of the two clients do its work once; pytest-xdist's workers share what comes of it."""

import fcntl
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.metaflow import clients
from tests.metaflow.deployment import Deployment, deploy
from tests.metaflow.recording import Recording, record

pytest.register_assert_rewrite("tests.metaflow.checks")


def _prepare(folder: Path) -> None:
    """Installing takes a minute for the first time, and nothing later."""
    with ThreadPoolExecutor() as pool:
        installed = [pool.submit(clients.install, release) for release in clients.RELEASES]
        deploy(folder)
        profile = Deployment(folder).profile
        recorded = [(each.result(), pool.submit(record, folder, each.result(), profile)) for each in installed]
        for client, recording in recorded:
            recording.result().save(folder / f"{client.release}.json")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all workers, filled by the first that comes while the others wait."""
    mine = tmp_path_factory.getbasetemp()
    shared = mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine
    folder = shared / "metaflow"
    with (shared / "metaflow.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            _prepare(folder)
            (folder / "complete").touch()
    return folder


@pytest.fixture(scope="session")
def deployment(prepared: Path) -> Deployment:
    return Deployment(prepared)


@pytest.fixture(scope="session", params=clients.RELEASES)
def client(request: pytest.FixtureRequest) -> clients.Client:
    return clients.client(request.param)


@pytest.fixture(scope="session")
def recording(prepared: Path, client: clients.Client) -> Recording:
    return Recording.load(prepared / f"{client.release}.json")
