"""`metaflow-gcp` in forks of one process that has imported everything: that takes most of a command's time.

Run as a program it reads `{"arguments": ..., "cwd": ..., "environment": ..., "stdout": FILE, "stderr": FILE}`, a line
for each command, and writes the exit code of each.
"""

import gc
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import metaflow_gcp_tools
from metaflow_gcp_tools import cli


class Forks:
    """The process; it starts with the first command, and ends when it is left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[str] | None = None

    def run(self, *arguments: str, cwd: Path, environment: dict[str, str]) -> tuple[int, str, str]:
        """A command's exit code, standard output and standard error."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        assert self.process.stdin
        assert self.process.stdout
        files = {name: self.folder / name for name in ("stdout", "stderr")}
        asked = {"arguments": arguments, "cwd": str(cwd), "environment": environment}
        self.process.stdin.write(json.dumps(asked | {name: str(file) for name, file in files.items()}) + "\n")
        self.process.stdin.flush()
        code = int(self.process.stdout.readline())
        return code, files["stdout"].read_text(), files["stderr"].read_text()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process:
            self.process.communicate()


def _run(asked: dict[str, Any]) -> int:
    _become(asked)
    try:
        cli.main()
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException:  # noqa: BLE001 - what a process of its own would do
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _become(asked: dict[str, Any]) -> None:
    """What the system gives a program that starts."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(asked[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["cwd"])
    sys.argv = ["metaflow-gcp", *asked["arguments"]]


def _import() -> None:
    """Whatever a command may import."""
    for name in ("google.oauth2.credentials", "googleapiclient.discovery", "kubernetes.client", "typer._adapters"):
        importlib.import_module(name)
    for each in pkgutil.walk_packages(metaflow_gcp_tools.__path__, "metaflow_gcp_tools."):
        importlib.import_module(each.name)


def _serve() -> None:
    _import()
    gc.freeze()  # What is never collected is never copied for a fork.
    for line in sys.stdin:
        child = os.fork()
        if not child:
            os._exit(_run(json.loads(line)))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
