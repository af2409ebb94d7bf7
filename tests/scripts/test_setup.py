"""scripts/setup.sh with programs that only pretend: what it does, in what order, and what it says when it cannot.

In a folder with a space in its name, and with nothing on PATH but these programs and a few tools of every system.
"""

import contextlib
import os
import pty
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INPUTS = ("Pipfile.lock", "package-lock.json", "constructs/pyproject.toml", "tools/pyproject.toml", "scripts/setup.sh")
TOOLS = ("cat", "chmod", "cp", "find", "grep", "mkdir", "rm", "sed", "sleep", "tail")
# One program under many names. It writes down how it was called, and fails where the test says so.
PROGRAM = """#!/bin/sh
name=${0##*/}
echo "$name $*" >>"$CALLS"
case "$name $*" in
*"$FAILS"*)
    [ "$FAILS" != nothing ] && { echo "some words"; echo "Cannot connect to the index"; echo; exit 1; } ;;
esac
case "$name $*" in
*"$KILLED"*) [ "$KILLED" != nothing ] && kill -9 $PPID && exit 1 ;;
esac
case "$name $*" in
*"$SLOW"*) [ "$SLOW" != nothing ] && sleep 2 ;;
esac
case "$name $*" in
"terraform version") [ -z "$TERRAFORM" ] || printf 'Terraform v%s\\non some_system\\n' "$TERRAFORM" ;;
*"sys.version_info < (3, 11)"*) case $PYTHON in 3.[0-9].* | 3.10.*) exit 1 ;; esac ;;
*"platform.python_version"*) echo "$PYTHON" ;;
*"-m venv .venv"*) mkdir -p $3/bin; for each in python pipenv npm; do cp "$0" $3/bin/$each; done ;;
"npm ci"*) mkdir -p node_modules ;;
esac
"""
WHOLE = ["venv", "pip", "pipenv", "npm"]


@dataclass
class Setup:
    """A project, and a machine to set it up on."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def project(self) -> Path:
        return self.folder / "a project"

    @property
    def bin(self) -> Path:
        return self.folder / "the bin"

    @property
    def venv(self) -> Path:
        return self.project / ".venv"

    def run(
        self, python: str = "python3", *lane: str, stdout: int = subprocess.PIPE, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        calls = self.folder / "calls"
        calls.write_text("")
        defaults = {
            "TERRAFORM": "1.11.4",
            "PYTHON": "3.12.1",
            "FAILS": "nothing",
            "KILLED": "nothing",
            "SLOW": "nothing",
        }
        return subprocess.run(
            ["/bin/sh", "scripts/setup.sh", python, *lane],
            cwd=self.project,
            env={"PATH": str(self.bin), "CALLS": str(calls), **defaults, **environment},
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    @property
    def steps(self) -> list[str]:
        """What of the set-up itself was called, in order."""
        names = {
            "python3 -m venv .venv": "venv",
            "python -m pip install": "pip",
            "pipenv sync --dev": "pipenv",
            "npm ci": "npm",
            "pipenv sync --categories cdktn": "cdktn",
            "python -m pip uninstall --yes cdktf cdktf-cdktf-provider-google": "not cdktf",
        }
        lines = (self.folder / "calls").read_text().splitlines()
        return [step for line in lines for start, step in names.items() if line.startswith(start)]

    def touch(self, input_: str) -> None:
        later = time.time() + 10
        os.utime(self.project / input_, (later, later))


@pytest.fixture
def setup(tmp_path):
    setup = Setup(tmp_path)
    for each in INPUTS:
        (setup.project / each).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / each, setup.project / each)
        os.utime(setup.project / each, (1, 1))
    setup.bin.mkdir()
    for name in ("terraform", "python3"):
        (setup.bin / name).write_text(PROGRAM)
        (setup.bin / name).chmod(0o755)
    for name in TOOLS:
        (setup.bin / name).symlink_to(shutil.which(name))
    return setup


def assert_one_line(done, *said):
    assert done.returncode not in (0, 126, 127)
    [line] = done.stderr.splitlines()
    assert line.startswith("make setup: ")
    for words in said:
        assert words in line


def test_from_nothing(setup):
    done = setup.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert setup.steps == WHOLE
    assert done.stdout.splitlines()[-1] == "setup: done"
    assert (setup.venv / "complete").is_file()
    assert not (setup.venv / "incomplete").exists()
    assert os.access(setup.venv / "bin/cdktf", os.X_OK)


def test_the_second_cdk_has_an_environment_of_its_own_and_takes_the_place_of_the_first(setup):
    setup.run()
    done = setup.run("python3", "cdktn")
    assert (done.returncode, done.stderr) == (0, "")
    assert setup.steps == ["venv", "pip", "pipenv", "cdktn", "not cdktf"]
    assert setup.venv.with_name(".venv-cdktn").joinpath("complete").is_file()
    assert os.access(setup.venv.with_name(".venv-cdktn") / "bin/cdktf", os.X_OK)
    assert setup.run("python3", "cdktn").stdout == ""
    assert setup.run().stdout == ""


def everything_on(terminal):
    """A terminal hands out what was written in pieces, and says at its end that its other side is closed."""
    pieces = []
    with contextlib.suppress(OSError):
        while piece := os.read(terminal, 65536):
            pieces.append(piece)
    os.close(terminal)
    return b"".join(pieces).decode()


def test_on_a_terminal_it_shows_that_it_lives(setup):
    """Packages take half a minute; elsewhere, as in a log, there is a line for each step."""
    terminal, its = pty.openpty()
    done = setup.run(stdout=its, SLOW="npm ci")
    os.close(its)
    shown = everything_on(terminal)
    assert done.returncode == 0
    assert re.search(r"setup: install the CDKTF CLI .*\r\n(\r  \d+ s)+\r +\r", shown)
    assert shown.endswith("setup: done\r\n")


def test_when_nothing_has_changed_it_does_nothing(setup):
    setup.run()
    before = {each: each.stat().st_mtime_ns for each in setup.project.rglob("*")}
    done = setup.run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (setup.folder / "calls").read_text() == "terraform version\n"
    assert {each: each.stat().st_mtime_ns for each in setup.project.rglob("*")} == before


@pytest.mark.parametrize("input_", INPUTS)
def test_a_changed_input_is_set_up_anew_and_keeps_what_is_there(setup, input_):
    setup.run()
    (setup.venv / "kept").touch()
    setup.touch(input_)
    assert setup.run().returncode == 0
    assert setup.steps == WHOLE
    assert (setup.venv / "kept").exists()


@pytest.mark.parametrize("gone", [".venv/complete", ".venv/bin/python", ".venv", "node_modules"])
def test_what_was_taken_away_by_hand_is_brought_back(setup, gone):
    setup.run()
    path = setup.project / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert setup.run().returncode == 0
    assert setup.steps == WHOLE
    assert path.exists()


def test_a_python_that_was_taken_away_under_the_environment_is_no_python(setup):
    setup.run()
    python = setup.venv / "bin/python"
    python.unlink()
    python.symlink_to(setup.bin / "python3.11")
    assert setup.run().returncode == 0
    assert setup.steps == WHOLE
    assert os.access(python, os.X_OK)


@pytest.mark.parametrize("step", ["-m venv", "-m pip", "pipenv sync", "npm ci"])
def test_without_network_one_line_says_what_failed_and_the_next_run_repairs_it(setup, step):
    done = setup.run(FAILS=step)
    assert_one_line(done, "failed. Without network", "build/setup.log", "Cannot connect to the index")
    assert not (setup.venv / "complete").exists()
    left = setup.venv / "half-done"
    left.parent.mkdir(exist_ok=True)
    left.touch()
    assert setup.run().returncode == 0
    assert setup.steps == WHOLE
    assert not left.exists()


@pytest.mark.parametrize("step", ["-m venv", "-m pip", "pipenv sync", "npm ci"])
@pytest.mark.parametrize("before", ["from nothing", "anew"])
def test_one_that_is_killed_half_way_is_redone(setup, step, before):
    if before == "anew":
        setup.run()
        setup.touch("Pipfile.lock")
    assert setup.run(KILLED=step).returncode == -9
    assert not (setup.venv / "complete").exists()
    (setup.venv / "half-done").touch()
    assert setup.run().returncode == 0
    assert setup.steps == WHOLE
    assert not (setup.venv / "half-done").exists()
    assert (setup.venv / "complete").is_file()


def test_an_environment_of_another_folder_is_made_anew(setup):
    """Programs in `.venv` name the folder that they were made in."""
    setup.run()
    (setup.venv / "complete").write_text("some/other/folder\n")
    (setup.venv / "of-another-folder").touch()
    assert setup.run().returncode == 0
    assert setup.steps == WHOLE
    assert not (setup.venv / "of-another-folder").exists()


def test_terraform_is_missing(setup):
    (setup.bin / "terraform").unlink()
    assert_one_line(setup.run(), "Terraform 1.11 or newer is needed and is not on PATH", "/terraform/install")
    assert not setup.venv.exists()


@pytest.mark.parametrize("version", ["0.15.5", "1.0.11", "1.9.8", "1.10.5"])
def test_terraform_is_too_old(setup, version):
    assert_one_line(setup.run(TERRAFORM=version), "Terraform 1.11 or newer", f"is {version.rpartition('.')[0]}:")
    assert not setup.venv.exists()


@pytest.mark.parametrize("version", ["1.11.0", "1.12.0", "1.20.3", "2.0.0", "1.11.0-rc1"])
def test_terraform_is_new_enough(setup, version):
    assert setup.run(TERRAFORM=version).returncode == 0


def test_terraform_that_cannot_say_its_version_is_told_from_a_good_one(setup):
    """A version manager without a chosen version."""
    assert_one_line(setup.run(TERRAFORM=""), "Terraform 1.11 or newer is needed", "terraform version")
    assert_one_line(setup.run(FAILS="terraform version"), "Terraform 1.11 or newer is needed", "terraform version")


def test_terraform_that_is_gone_is_said_when_everything_else_is_up_to_date_too(setup):
    setup.run()
    (setup.bin / "terraform").unlink()
    assert_one_line(setup.run(), "Terraform")


def test_python_is_missing(setup):
    assert_one_line(setup.run("python3.99"), "'python3.99' is not on PATH", "make PYTHON=python3.12")
    assert not setup.venv.exists()


@pytest.mark.parametrize("version", ["3.9.18", "3.10.12"])
def test_python_is_too_old(setup, version):
    assert_one_line(setup.run(PYTHON=version), "Python 3.11 or newer", f"'python3' is {version}:")
    assert not setup.venv.exists()


def test_python_comes_without_venv(setup):
    assert_one_line(setup.run(FAILS="import ensurepip"), "comes without venv", "apt install python3-venv")
    assert not setup.venv.exists()


def test_a_python_by_its_path_with_a_space(setup):
    done = setup.run(str(setup.bin / "python3"))
    assert (done.returncode, done.stderr) == (0, "")
