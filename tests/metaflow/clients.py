"""Metaflow as people install it: releases from the package index, each in an environment of its own.

The environments stay in `build/` until what they are made of changes. uv makes them in a second, pip in fifteen.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BUILD = Path(__file__).parents[2] / "build" / "metaflow-clients"
REQUIREMENTS = Path(__file__).parent / "requirements"
RELEASES = ("newest", "oldest")


@dataclass(frozen=True)
class Client:
    """A release of Metaflow, and what it brings along."""

    release: str
    version: str
    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"


def client(release: str) -> Client:
    texts = [(REQUIREMENTS / f"{name}.txt").read_text() for name in ("shared", release)]
    [version] = [line.removeprefix("metaflow==") for line in texts[1].splitlines() if line.startswith("metaflow==")]
    key = hashlib.sha256("\0".join([sys.version, *texts]).encode()).hexdigest()[:12]
    return Client(release, version, BUILD / f"{release}-{key}")


def install(release: str) -> Client:
    """Makes the environment, unless it is there."""
    made = client(release)
    BUILD.mkdir(parents=True, exist_ok=True)
    # Others may run tests in this folder, too.
    with (BUILD / f"{release}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made.folder / "complete").exists():
            for former in BUILD.glob(f"{release}-*"):
                shutil.rmtree(former)
            uv = Path(sys.executable).with_name("uv")
            _run(uv, "venv", "--python", sys.executable, made.folder)
            # All of them are pinned: nothing is left to be resolved.
            where = ("--python", made.python)
            _run(uv, "pip", "install", *where, "--no-deps", "--requirement", REQUIREMENTS / f"{release}.txt")
            (made.folder / "complete").touch()
    return made


def _run(*command: str | Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{command}\n{ended.stdout}{ended.stderr}"
