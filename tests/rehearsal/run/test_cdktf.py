"""What is made of the CDKTF CLI's lines."""

import pytest

from rehearsal.run.cdktf import Cdktf, Listener
from rehearsal.run.errors import StepFailed, WrongUse
from rehearsal.run.progress import Row
from rehearsal.run.rehearse import _alone, settings

LINES = """apis  Initializing the backend...
infra  Initializing the backend...
apis  Terraform used the selected providers to generate the following execution plan.
      google_project_service.a: Creating...
      google_project_service.a: Creation complete after 0s
infra  Terraform used the selected providers to generate the following execution plan.
infra  google_compute_network.vpc: Creating...
infra  ╷
       │ Error: googleapi: Error 409: The resource already exists
       │
       │   with google_compute_network.vpc,
       ╵"""


def test_phases_and_errors_belong_to_their_stack():
    told: list[str] = []
    listener = Listener("deploy", {name: Row(name, told.append) for name in ("apis", "infra", "services")})
    for line in LINES.splitlines():
        listener.hear(line)
    assert told == ["apis: init", "infra: init", "apis: plan", "apis: apply", "infra: plan", "infra: apply"]
    assert set(listener.seconds["infra"]) == {"init", "plan", "apply"}
    assert listener.seconds["services"] == {}
    assert listener.failed == "infra"
    assert listener.errors == [
        "Error: googleapi: Error 409: The resource already exists",
        "with google_compute_network.vpc,",
    ]


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "a project"
    (folder / ".venv" / "bin").mkdir(parents=True)
    return folder


def rows(*stacks):
    return {stack: Row(stack) for stack in stacks}


def cdktf(project, script):
    program = project / ".venv" / "bin" / "cdktf"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return Cdktf(
        project=project, output=project / "out", log=project / "cdktf.log", environment={"PATH": "/usr/bin:/bin"}
    )


def test_the_command_is_the_one_a_person_types(project):
    cdktf(project, 'echo "$@"').run("deploy", rows("apis", "infra"))
    assert (project / "cdktf.log").read_text() == "deploy apis infra --auto-approve --output out\n"


def test_a_command_that_fails(project):
    with pytest.raises(StepFailed) as failed:
        cdktf(project, "echo 'infra  Error: no'; exit 1").run("destroy", rows("infra"))
    assert (failed.value.stack, failed.value.step, failed.value.message) == ("infra", "destroy", "Error: no")


def test_no_cdktf(project):
    program = Cdktf(project=project, output=project, log=project / "log", environment={})
    with pytest.raises(WrongUse, match="make setup"):
        program.run("deploy", rows("apis"))


def test_only_one_rehearsal_at_a_time(tmp_path):
    with _alone(tmp_path), pytest.raises(WrongUse, match="Another rehearsal is running"), _alone(tmp_path):
        pass
    with _alone(tmp_path):
        pass


def test_the_users_settings_win(tmp_path, monkeypatch):
    for name in ("METAFLOW_GCP_SETTINGS", "METAFLOW_GCP_PROJECT", "METAFLOW_GCP_ORG_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    assert settings(tmp_path)["METAFLOW_GCP_PROJECT"] == "acme-metaflow"
    monkeypatch.setenv("METAFLOW_GCP_PROJECT", "mine")
    assert settings(tmp_path)["METAFLOW_GCP_PROJECT"] == "mine"
    monkeypatch.setenv("METAFLOW_GCP_SETTINGS", "mine.toml")
    assert "METAFLOW_GCP_PROJECT" not in settings(tmp_path)
    assert settings(tmp_path)["METAFLOW_GCP_DELETION_PROTECTION"] == "false"
