"""The process that serves all providers: when it runs. What it serves, all tests with Terraform show."""

import json
import signal
from pathlib import Path

import pytest

from rehearsal.facts import PROVIDERS
from rehearsal.run import mirror
from rehearsal.run.attached import Attached


@pytest.fixture
def attached(tmp_path):
    with Attached(folder=tmp_path, environment=mirror.environment(tmp_path / "rc", tmp_path / "cloud")) as attached:
        yield attached


def addresses(attached):
    found = json.loads(attached.variables["TF_REATTACH_PROVIDERS"])
    assert [name.rpartition("/")[2] for name in found] == list(PROVIDERS)
    return [Path(each["Addr"]["String"]) for each in found.values()]


def test_it_runs_from_the_first_command_until_it_is_closed(attached):
    assert not attached.address
    sockets = addresses(attached)
    process = attached.process
    assert process
    assert addresses(attached) == sockets
    assert attached.process is process
    process.send_signal(signal.SIGINT)  # As Terraform gets it, and everything in front of a terminal.
    assert all(each.is_socket() for each in sockets)
    attached.close()
    assert process.returncode == 0
    assert not any(each.exists() for each in sockets)
