"""Most tests need not start the program: that takes as long as all the rest of a test."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from metaflow_gcp_tools import cli
from tests.tools.conftest import Ran


@pytest.fixture
def run_here(
    environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Ran]:
    """As `run`, in this process: with an environment of its own, and nobody to ask."""

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
