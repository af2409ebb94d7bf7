"""Preflight in this process: as the program runs it, without starting Python for each of many cases."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from metaflow_gcp_tools import cli
from metaflow_gcp_tools.clients import google as google_apis
from tests.tools.commands.preflight.cloud import Cloud, stand_in_tools, synthesized
from tests.tools.conftest import Ran
from tests.tools.stand_in_google import TOKEN


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """What synth writes for the minimal settings."""
    return synthesized(tmp_path / "out", "minimal")


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """The only folder on the PATH."""
    return stand_in_tools(tmp_path / "bin")


@pytest.fixture
def preflight(
    cloud: Cloud, out: Path, tools: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Ran]]:
    """Run it on `out` against `cloud`. What Google was asked and said is checked at the end."""
    with cloud.google.serving() as environment:
        for name, value in {**environment, "PATH": str(tools), "NO_COLOR": "1", "COLUMNS": "160"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("random.random", lambda: 0.0)  # The pauses between retries.
        google_apis.credentials.cache_clear()

        def run(*arguments: str) -> Ran:
            exit_code = cli._run(["preflight", "--out", str(out), *arguments])
            said = capsys.readouterr()
            assert TOKEN not in said.out + said.err
            return Ran(exit_code, said.out, said.err)

        yield run
    google_apis.credentials.cache_clear()


@pytest.fixture
def checks(preflight: Callable[..., Ran]) -> Callable[..., dict[str, dict]]:
    """Run it with `--json`; the checks by `topic: name`."""

    def run(*arguments: str) -> dict[str, dict]:
        ran = preflight("--json", *arguments)
        assert ran.stderr == ""
        found = json.loads(ran.stdout)["result"]["checks"]
        by_name = {f"{check['topic']}: {check['name']}": check for check in found}
        assert len(by_name) == len(found)
        for check in found:
            assert check["next_step"] or check["state"] in ("PASS", "SKIP"), check
        return by_name

    return run
