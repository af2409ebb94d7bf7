"""Runs `metaflow-gcp configure` again and again, and kills it at every step that it takes with files: with SIGKILL.

    python killed_at_every_step.py MADE WORK -- ARGUMENTS...

Each run is a process of its own with a copy of the folder MADE as its home, WORK/<n>; it ends itself right before the
n-th step, which is right after the one before it, or in the middle of what it writes. One run more, without a fault,
follows in each. Prints the steps, as JSON.
"""

import io
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from metaflow_gcp_tools import cli

STEPS = ("open", "write", "fsync", "replace", "unlink", "mkdir", "fchmod", "close")


class Faults:
    def __init__(self, kill_at: int | None) -> None:
        self.kill_at = kill_at
        self.moments: list[str] = []

    def moment(self, name: str) -> None:
        """Between two steps, or in one."""
        if len(self.moments) == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.moments.append(name)

    def install(self) -> None:
        for name in STEPS:
            setattr(os, name, self.around(name, getattr(os, name)))

    def around(self, name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def around(*arguments: Any, **more: Any) -> Any:
            self.moment(f"before {name}")
            if name == "write":
                step(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                self.moment("half written")
                os.lseek(arguments[0], 0, os.SEEK_SET)
            # A killed process loses nothing that is written: for that the machine itself must stop.
            return None if name == "fsync" else step(*arguments, **more)

        return around


def run(home: Path, arguments: list[str], kill_at: int | None) -> tuple[int, list[str]]:
    """The exit code, or the negative signal, and the moments that there were."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.environ["HOME"] = str(home)
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        faults = Faults(kill_at)
        write = os.write
        faults.install()
        code = cli._run(arguments)
        write(writer, json.dumps(faults.moments).encode())
        os._exit(code)
    os.close(writer)
    with os.fdopen(reader) as told:
        moments = json.loads(told.read() or "[]")
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), moments


def main() -> None:
    made, work, _, *arguments = sys.argv[1:]
    # Imports and parsed files are inherited: else each of the runs would take its time for them.
    shutil.copytree(made, Path(work) / "first")
    os.environ["HOME"] = str(Path(work) / "first")
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        cli._run(arguments)
    shutil.copytree(made, Path(work) / "whole")
    code, moments = run(Path(work) / "whole", arguments, None)
    ends = []
    for number in range(len(moments)):
        home = Path(work) / str(number)
        shutil.copytree(made, home)
        killed, _ = run(home, arguments, number)
        shutil.copytree(home, Path(work) / f"{number}-killed")
        again, _ = run(home, arguments, None)
        ends.append((killed, again))
    print(json.dumps({"code": code, "moments": moments, "ends": ends}))  # noqa: T201 - its result


if __name__ == "__main__":
    main()
