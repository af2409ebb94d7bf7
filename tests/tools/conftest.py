"""The command, in a home of its own; `run` is as people start it, in a fork (forks.py)."""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from metaflow_gcp_tools import cli
from tests.tools.forks import Forks

PROGRAM = Path(sys.executable).with_name("metaflow-gcp")


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, Any]:
        """What `--json` wrote: one document, and nothing else."""
        return json.loads(self.stdout)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of every command in a test: nothing of the developer's own gets in. Tests add to it."""
    home = tmp_path / "home"
    home.mkdir()
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "COLUMNS": "120", "NO_COLOR": "1"}


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with Forks(tmp_path_factory.mktemp("forks")) as forks:
        yield forks


@pytest.fixture
def run(forks: Forks, environment: dict[str, str], tmp_path: Path) -> Callable[..., Ran]:
    """Run `metaflow-gcp` to its end."""

    def run(*arguments: str, cwd: Path = tmp_path, **more: str) -> Ran:
        ran = Ran(*forks.run(*arguments, cwd=cwd, environment={**environment, **more}))
        assert "Traceback" not in ran.stderr, ran.stderr
        return ran

    return run


@pytest.fixture
def run_here(
    environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Ran]:
    """As `run`, in this process, with an environment of its own and nobody to ask.

    Most tests need not start the program: that takes as long as all the rest of a test.
    """

    def run_here(*arguments: str, **more: str) -> Ran:
        with monkeypatch.context() as patch:
            for name in list(os.environ):
                patch.delenv(name)
            for name, value in {**environment, **more}.items():
                patch.setenv(name, value)
            patch.chdir(tmp_path)
            patch.setattr("sys.stdin", io.StringIO())
            exit_code = cli._run(list(arguments))
        return Ran(exit_code, *capsys.readouterr())

    return run_here
