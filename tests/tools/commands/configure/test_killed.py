"""Killed at any moment, `configure` leaves each file as it was or as it shall be; and two at once lose nothing."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.commands.configure import places
from tests.tools.commands.configure.places import KUBECONFIG, PROFILE
from tests.tools.conftest import PROGRAM

HARNESS = Path(__file__).with_name("killed_at_every_step.py")
EARLIER = PROFILE | {"METAFLOW_UI_URL": "http://127.0.0.1:8083"}
FILES = (
    ".metaflowconfig/config.json",
    ".kube/config",
    ".metaflowconfig/metaflow-gcp/kubeconfigs/default.yaml",
    ".metaflowconfig/metaflow-gcp/default.json",
    ".metaflowconfig/metaflow-gcp/profiles/default.json",
)


@pytest.fixture
def made(tmp_path):
    """A home where an earlier platform was configured, and a place with the platform as it is now."""
    home = tmp_path / "home"
    for file, text in ((".metaflowconfig/config.json", '{"MINE":  1}'), (".kube/config", KUBECONFIG)):
        (home / file).parent.mkdir(parents=True)
        (home / file).write_text(text)
        (home / file).chmod(0o600)
    place = places.write(tmp_path / "place", EARLIER, cluster_location="us-east1")
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    command = [PROGRAM, "configure", "--from", place, "--yes", "--no-check"]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)
    for backup in home.rglob("*.bak-*"):
        backup.unlink()
    places.write(place)
    return tmp_path


def test_killed_at_every_step(made):
    work = made / "work"
    work.mkdir()
    ended = subprocess.run(
        [
            sys.executable,
            HARNESS,
            made / "home",
            work,
            "--",
            "configure",
            "--from",
            made / "place",
            "--yes",
            "--no-check",
        ],
        env={"PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    told = json.loads(ended.stdout)
    moments = told["moments"]
    assert told["code"] == 0
    # Five files and two backups: all of it is on the disk before it takes a file's place, and then that is.
    step_by_step = [each for each in moments if each in {"half written", "before fsync", "before replace"}]
    assert step_by_step == ["half written", "before fsync", "before replace", "before fsync"] * 7
    # Every run was killed, and the next one ended well.
    assert told["ends"] == [[-signal.SIGKILL, 0]] * len(moments)
    seen = set()
    for number, moment in enumerate(moments):
        seen |= old_or_new(made, work / f"{number}-killed", f"{number}: {moment}")
        completed(work / "whole", work / str(number), f"{number}: {moment}")
    assert seen == {(file, version) for file in FILES for version in ("home", "work/whole")}


def old_or_new(made: Path, home: Path, when: str) -> set[tuple[str, str]]:
    """Each file is whole and private; and so are backups."""
    seen = set()
    for file in FILES:
        found = (home / file).read_bytes()
        [version] = [each for each in ("home", "work/whole") if (made / each / file).read_bytes() == found] or [None]
        assert version, (when, file, found)
        assert (home / file).stat().st_mode & 0o777 == 0o600, (when, file)
        seen.add((file, version))
    for backup in home.rglob("*.bak-*"):
        assert backup.read_bytes() in [(made / "home" / file).read_bytes() for file in FILES], (when, backup)
    return seen


def completed(whole: Path, home: Path, when: str) -> None:
    """By the next run, with nothing left over. Also what the platform no longer has was still known as ours."""
    for file in FILES:
        assert (home / file).read_bytes() == (whole / file).read_bytes(), (when, file)
    names = {str(file.relative_to(home)) for file in home.rglob("*") if file.is_file() and ".bak-" not in file.name}
    assert names == {*FILES, ".metaflowconfig/metaflow-gcp/.lock"}, when


def test_two_at_once_lose_nothing(tmp_path, environment):
    """Four platforms for four profiles, and one kubeconfig."""
    running = []
    for number in range(4):
        place = places.write(tmp_path / str(number), cluster_name=f"cluster-{number}")
        command = [PROGRAM, "configure", "--from", place, "--yes", "--no-check", "--profile", f"p{number}"]
        running.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL))
    for process in running:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
    kubeconfig = (Path(environment["HOME"]) / ".kube/config").read_text()
    assert all(
        f"https://gke-0.us-west1.gke.goog\n  name: gke_acme-metaflow_us-west1_cluster-{n}" in kubeconfig
        for n in range(4)
    )
