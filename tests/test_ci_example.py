"""examples/ci: no key, no secret, and commands that the tool has."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from metaflow_gcp_tools.cli import app
from stacks.settings import Settings

EXAMPLE = Path(__file__).parents[1] / "examples/ci"


@pytest.fixture
def job() -> dict[str, Any]:
    workflow = yaml.safe_load((EXAMPLE / "github-actions.yml").read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "read", "id-token": "write"}
    return dict(workflow["jobs"]["flow"])


def test_it_signs_in_without_a_key(job: dict[str, Any]) -> None:
    text = (EXAMPLE / "github-actions.yml").read_text("utf-8")
    assert not re.search(r"secrets\.|credentials_json|kubectl|get-credentials", text)
    [auth] = [step["with"] for step in job["steps"] if step.get("uses", "").startswith("google-github-actions/auth@")]
    assert auth.keys() == {"workload_identity_provider", "service_account"}


def test_its_commands_are_the_tool_s(job: dict[str, Any]) -> None:
    ours = [shlex.split(step["run"]) for step in job["steps"] if step.get("run", "").startswith("metaflow-gcp ")]
    assert [argv[1] for argv in ours] == ["configure", "run"]
    group: Any = get_command(app)
    for _, name, *arguments in ours:
        known = {option for each in group.commands[name].params for option in each.opts}
        given = arguments[: arguments.index("--")] if "--" in arguments else arguments
        assert {each for each in given if each.startswith("-")} <= known


def test_the_account_is_the_one_that_the_settings_let_in(job: dict[str, Any]) -> None:
    readme = (EXAMPLE / "README.md").read_text("utf-8")
    [toml] = re.findall(r"```toml\n(.*?)```", readme, flags=re.DOTALL)
    settings = Settings(
        org_prefix="acme",
        project="acme-metaflow",
        cluster={"security_group": "gke-security-groups@example.com"},
        **tomllib.loads(toml),
    )
    [account] = [step["with"]["service_account"] for step in job["steps"] if "service_account" in step.get("with", {})]
    assert f"serviceAccount:{account}" in settings.access.users
    assert readme.count(account) >= 3
