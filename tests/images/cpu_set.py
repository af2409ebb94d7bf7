"""The environment of the image of CPU steps, made by its Dockerfile's own RUN line, without a container.

It stays in `build/` until what it is made of changes. uv stands in for pip, whose options it knows: it takes a tenth of
the time.
"""

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from tests.images.dockerfiles import DOCKER, Run, instructions

BUILD = Path(__file__).parents[2] / "build" / "cpu-image"

PYTHON = """#!/bin/sh
# python -m venv FOLDER
set -e
{uv} venv --quiet --python {python} "$3"
printf '#!/bin/sh\\nexec "%s" pip "$@"\\n' {uv} >"$3/bin/pip"
chmod +x "$3/bin/pip"
"""
"""What `python` is in the RUN line."""


def run_line() -> Run:
    """The one that installs the packages."""
    [found] = [each for each in instructions(DOCKER / "cpu/Dockerfile") if isinstance(each, Run) and each.bound]
    return found


def install() -> Path:
    """The folder that is /opt/venv in the image."""
    line = run_line()
    made_of = [sys.version, line.shell, *(file.read_text() for file in line.bound.values())]
    made = BUILD / hashlib.sha256("\0".join(made_of).encode()).hexdigest()[:12]
    BUILD.mkdir(parents=True, exist_ok=True)
    # Others may run tests in this folder, too.
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made / "complete").exists():
            for former in BUILD.iterdir():
                if former.is_dir():
                    shutil.rmtree(former)
            _run(line, made)
            (made / "complete").touch()
    return made


def _run(line: Run, folder: Path) -> None:
    """With this folder for /opt/venv, and the files where they really lie."""
    shell = line.shell
    for target, source in line.bound.items():
        shell = shell.replace(target, shlex.quote(str(source)))
    for target in line.cached:
        shell = shell.replace(target, shlex.quote(str(folder.with_name("pip"))))
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    python = folder.with_name("bin") / "python"
    python.parent.mkdir(exist_ok=True)
    uv = Path(sys.executable).with_name("uv")
    python.write_text(PYTHON.format(uv=shlex.quote(str(uv)), python=shlex.quote(sys.executable)))
    python.chmod(0o755)
    env |= {"VIRTUAL_ENV": str(folder), "PATH": f"{python.parent}:{env['PATH']}"}
    ended = subprocess.run(["sh", "-c", shell], env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{shell}\n{ended.stdout}{ended.stderr}"
