"""Others may be at work on the same files."""

import fcntl
import json
import os
from pathlib import Path

import pytest

from metaflow_gcp_tools.machine import files
from metaflow_gcp_tools.machine.files import Change
from metaflow_gcp_tools.problems import CommandFailed
from tests.tools.commands.configure import places


def test_another_configure_is_not_waited_for_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "PATIENCE_SECONDS", 0.15)
    with (tmp_path / ".lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with (
            pytest.raises(CommandFailed, match="another `metaflow-gcp configure` is still running"),
            files.lock(tmp_path / ".lock"),
        ):
            pass
    with files.lock(tmp_path / ".lock"):
        pass


@pytest.mark.parametrize("before", ["{}", None])
def test_what_somebody_else_has_changed_meanwhile_is_not_written_over(tmp_path, before):
    file = tmp_path / "config.json"
    file.write_text("theirs")
    change = Change(
        file=file, before=before, after="ours", mode=0o600, mode_before=0o600, differences=(), backed_up=True
    )
    with pytest.raises(CommandFailed, match="was just changed by another program"):
        files.apply(change)
    assert [each.name for each in tmp_path.iterdir()] == ["config.json"]
    assert file.read_text() == "theirs"


def test_a_disk_that_is_full_leaves_the_old_file(run_here, tmp_path, environment, monkeypatch):
    place = places.write(tmp_path / "place")

    def full(_opened, _data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    config = Path(environment["HOME"]) / ".metaflowconfig/config.json"
    config.parent.mkdir()
    config.write_text("{}")
    ran = run_here("configure", "--from", str(place), "--yes", "--no-check", "--json")
    assert (ran.exit_code, config.read_text()) == (1, "{}")
    assert [each.name for each in config.parent.iterdir() if each.is_file()] == ["config.json"]
    [problem] = json.loads(ran.stdout)["problems"]
    assert "No space left on device" in problem["what"]
