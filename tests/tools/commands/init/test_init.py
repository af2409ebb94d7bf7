"""`metaflow-gcp init`: what it writes is what the project's own rules take, and it overwrites nothing."""

import sys
import tomllib
from pathlib import Path

import pytest

from tests.terminal import answered
from tests.tools.conftest import PROGRAM

GIVEN = ("--org-prefix", "acme", "--project", "acme-metaflow", "--region", "europe-west4")
SETTINGS = {"org_prefix": "acme", "project": "acme-metaflow", "region": "europe-west4"}
MAIN = """
import os, sys, tomllib
given = tomllib.load(open(os.environ["METAFLOW_GCP_SETTINGS"], "rb"))
if given["region"] == "mars":
    sys.exit(print("1 problem in the settings: region: 'mars'", file=sys.stderr) or 2)
"""
"""In the place of the project's own, which takes seconds; README.md's settings are synthesized in test_readme.py."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "a clone"
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/python").symlink_to(sys.executable)
    (folder / "cdktf.json").write_text("{}")
    (folder / "main.py").write_text(MAIN)
    return folder


@pytest.fixture
def init(project, run):
    return lambda *arguments, **more: run("init", *arguments, cwd=project, **more)


def test_it_writes_what_was_given(init, project):
    ran = init(*GIVEN)
    assert ran.exit_code == 0, ran.stderr
    assert tomllib.loads((project / "settings.toml").read_text()) == SETTINGS
    assert "metaflow-gcp preflight" in ran.stdout


def test_as_json(init, project):
    assert init(*GIVEN, "--json").document["result"] == {
        "file": str(project / "settings.toml"),
        "settings": SETTINGS,
    }


def test_a_file_that_is_there_stays(init, project):
    (project / "settings.toml").write_text("# mine")
    ran = init(*GIVEN)
    assert ran.exit_code == 2
    assert "there is a settings file already" in ran.stderr
    assert (project / "settings.toml").read_text() == "# mine"


def test_another_file(init, project, tmp_path):
    assert init(*GIVEN, METAFLOW_GCP_SETTINGS=str(tmp_path / "staging.toml")).exit_code == 0
    assert tomllib.loads((tmp_path / "staging.toml").read_text()) == SETTINGS
    assert not (project / "settings.toml").exists()


def test_wrong_settings_are_not_written(init, project):
    ran = init(*GIVEN[:-1], "mars")
    assert ran.exit_code == 2
    assert "region: 'mars'" in ran.stderr
    assert not (project / "settings.toml").exists()


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_without_anybody_to_ask_all_must_be_given(init, project, more):
    ran = init(*GIVEN[:2], *more)
    assert ran.exit_code == 2
    assert "--project PROJECT --region REGION" in (ran.document["problems"][0]["next_step"] if more else ran.stderr)
    assert not (project / "settings.toml").exists()


def test_on_a_terminal_it_asks_and_enter_takes_what_is_offered(project, environment):
    environment["CLOUDSDK_CORE_PROJECT"] = "acme-metaflow"
    code, said = answered([str(PROGRAM), "init"], "acme\n\n", cwd=project, env=environment)
    assert code == 0, said
    assert "Google Cloud project (its id) [acme-metaflow]" in said
    assert tomllib.loads((project / "settings.toml").read_text()) == SETTINGS | {"region": "us-west1"}
