"""Who keeps what: told to other processes, and never more than is true."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from metaflow_gcp_tools.commands.forward import background, ports, records
from metaflow_gcp_tools.commands.forward.records import Record
from metaflow_gcp_tools.commands.forward.status import State, Status
from metaflow_gcp_tools.machine.private_folder import private
from metaflow_gcp_tools.problems import CommandFailed
from tests.tools.commands.forward.platforms import StandIn, eventually, free_port

OPEN = Status(
    name="events", port=12000, state=State.OPEN, note="", next_step="", since=0.0, restarts=0, carried_by=None
)


@pytest.fixture
def folder(here: StandIn) -> Path:
    return here.folder / "state/metaflow-gcp/forwards"


@pytest.fixture
def record(folder: Path) -> Record:
    made = Record.of_this_process(context="it", command="forward", background=True)
    return replace(made, forwards=(OPEN,))


@pytest.fixture
def another(record: Record) -> Iterator[Record]:
    """Of a process that is not this one."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield replace(record, pid=process.pid, started=psutil.Process(process.pid).create_time())
        process.kill()


def test_a_record_is_read_as_it_was_written_and_only_by_its_owner(record: Record, folder: Path) -> None:
    record.write()
    assert records.living("it") == [record]
    assert records.living("other") == []
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [file.stat().st_mode & 0o777 for file in folder.iterdir()] == [0o600]
    record.remove()
    assert list(folder.iterdir()) == []


def test_what_another_process_carries(another: Record) -> None:
    another.write()
    assert records.carrier("it", "events") == (another.pid, 12000)
    assert records.carrier("it", "events", 12000) == (another.pid, 12000)
    assert records.carrier("it", "events", 12001) is None
    assert records.carrier("it", "metaflow-ui") is None
    assert records.carrier("other", "events") is None
    assert ports.owner(12000) == f"`metaflow-gcp forward` for it, process {another.pid}"


@pytest.mark.parametrize("status", [replace(OPEN, carried_by=1), replace(OPEN, state=State.PORT_BUSY)])
def test_what_another_process_only_watches(status: Status, another: Record) -> None:
    replace(another, forwards=(status,)).write()
    assert records.carrier("it", "events") is None


def test_what_this_process_carries_is_no_other_s(record: Record) -> None:
    record.write()
    assert records.carrier("it", "events") is None


def test_a_process_that_is_gone_is_cleared_away(another: Record, folder: Path) -> None:
    another.write()
    os.kill(another.pid, signal.SIGKILL)
    eventually(lambda: not another.lives, "it is gone")
    assert records.living("it") == []
    assert list(folder.iterdir()) == []


def test_what_another_machine_wrote_into_a_shared_home_stays(another: Record, folder: Path) -> None:
    replace(another, machine="elsewhere", started=another.started - 100).write()
    assert records.living("it") == []
    assert len(list(folder.iterdir())) == 1


def test_a_machine_may_be_renamed(another: Record) -> None:
    renamed = replace(another, machine="former")
    renamed.write()
    assert records.living("it") == [renamed]


def test_a_process_that_only_has_the_number_is_not_ended(another: Record) -> None:
    """The system gave it to somebody else."""
    former = replace(another, started=another.started - 100)
    former.write()
    assert records.living("it") == []
    background.stop(former)
    assert another.lives


def test_what_another_version_wrote_is_left_alone(record: Record, folder: Path) -> None:
    record.write()
    for number, text in enumerate(["{", "[]", '{"pid": 1}', json.dumps({"forwards": [{"name": "x"}]})]):
        (folder / f"{number}.json").write_text(text)
    assert records.living("it") == [record]
    assert len(list(folder.iterdir())) == 5


def test_a_record_is_never_seen_half_written(record: Record) -> None:
    many = replace(record, forwards=tuple(replace(OPEN, note="x" * 5000, port=port) for port in range(20)))
    seen: list[list[Record]] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.append(records.living("it"))

    record.write()
    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(100):
        many.write()
        record.write()
    stop.set()
    reader.join()
    assert seen
    assert all(each in ([record], [many]) for each in seen)


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CommandFailed, match="cannot be used"):
        private(tmp_path / "file")
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(CommandFailed, match="another user"):
        private(tmp_path / "link")


def test_a_folder_of_somebody_else_is_told(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(CommandFailed, match="another user") as error:
        private(tmp_path / "folder")
    assert "XDG_STATE_HOME" in error.value.problems[0].next_step


def test_nobody_that_can_be_seen_has_a_port(folder: Path) -> None:
    assert "another user" in ports.owner(free_port())


def test_the_setting_has_the_path_of_the_profile(here: StandIn) -> None:
    config = here.folder / "metaflow-home/config.json"
    config.write_text(json.dumps({"METAFLOW_ARGO_EVENTS_WEBHOOK_URL": "http://127.0.0.1:1/our-event"}))
    variable = "METAFLOW_ARGO_EVENTS_WEBHOOK_URL"
    assert ports.variables("events", 7, "") == {variable: "http://127.0.0.1:7/our-event"}
    assert ports.variables("metadata-service", 7, "") == {"METAFLOW_SERVICE_URL": "http://127.0.0.1:7/"}
    config.unlink()
    assert ports.variables("events", 7, "") == {variable: "http://127.0.0.1:7/metaflow-event"}
    assert ports.variables("something-new", 7, "") == {}
