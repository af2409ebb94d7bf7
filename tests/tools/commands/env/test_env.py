"""`metaflow-gcp env`: what it prints, a shell takes."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from metaflow_gcp_tools import cli
from tests.tools.commands.forward.platforms import StandIn, stand_in
from tests.tools.commands.forward.programs import start


@pytest.fixture
def machine(tmp_path, environment, monkeypatch):
    # A folder whose name no shell may take apart.
    with stand_in(tmp_path / "it's $HOME", environment) as made:
        monkeypatch.delenv("SHELL", raising=False)
        monkeypatch.delenv("METAFLOW_PROFILE", raising=False)
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def printed(capsys):
    def printed(*arguments, exit_code=0):
        assert cli._run(["env", *arguments]) == exit_code
        return capsys.readouterr().out

    return printed


def own(machine: StandIn, profile: str = "default") -> Path:
    return machine.folder / f"metaflow-home/metaflow-gcp/kubeconfigs/{profile}.yaml"


def add_profile(machine: StandIn, name: str) -> None:
    folder = machine.folder / "metaflow-home/metaflow-gcp"
    shutil.copy(folder / "default.json", folder / f"{name}.json")


def test_a_shell_takes_it(printed, machine):
    said = printed() + 'printf "%s|%s" "$KUBECONFIG" "${METAFLOW_PROFILE-unset}"'
    taken = subprocess.run(["sh", "-c", said], env={}, capture_output=True, text=True, check=True)
    assert taken.stdout == f"{own(machine)}|unset"
    assert own(machine).is_file()


def test_a_profile_is_set_and_the_default_one_takes_another_away(printed, machine, monkeypatch):
    add_profile(machine, "staging")
    assert "export METAFLOW_PROFILE=staging\n" in printed("--profile", "staging")
    assert str(own(machine, "staging")).split("/")[-1] in printed("--profile", "staging")
    monkeypatch.setenv("METAFLOW_PROFILE", "staging")
    assert "unset METAFLOW_PROFILE\n" in printed("--profile", "")
    assert "set -e METAFLOW_PROFILE\n" in printed("--profile", "", "--shell", "fish")


def test_fish_has_its_own_quotes(printed, machine, monkeypatch):
    quoted = str(own(machine)).replace("'", "\\'")
    assert printed("--shell", "fish") == f"set -gx KUBECONFIG '{quoted}'\n"
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    assert printed().startswith("set -gx")
    assert printed("--shell", "sh").startswith("export")


def test_a_notebook_takes_the_document(printed, machine):
    assert json.loads(printed("--json"))["result"] == {
        "profile": "",
        "variables": {"KUBECONFIG": str(own(machine)), "METAFLOW_PROFILE": None},
    }


def test_forwards_that_are_elsewhere_are_told(printed, machine):
    (port,) = {machine.ports["events"] + 1}
    with start(["forward", "--port", f"events={port}"], machine) as started:
        while started.said.count(" open ") < len(machine.ports):
            assert started.process.poll() is None, started.errors.read_text()
        said = printed()
        started.end()
    assert f"export METAFLOW_ARGO_EVENTS_WEBHOOK_URL=http://127.0.0.1:{port}/metaflow-event\n" in said
    assert "METAFLOW_SERVICE_URL" not in said


def test_without_a_platform(machine, capsys):
    assert cli._run(["env", "--profile", "none"]) == 2
    told = capsys.readouterr()
    assert (told.out, "no platform is configured on this machine" in told.err) == ("", True)
