"""CONTRIBUTING.md's recipes: applied to a copy of the repository, each does what it says.

All four go into one copy, so that one synth and one rehearsal show what became of them.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.commands.configure.places import DESCRIPTION

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
COPIED = ("config", "constructs/src", "main.py", "rehearsal", "scripts", "stacks", "tests/deploys", "tools/src")
SOURCES = (".", "constructs/src", "tools/src")


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("contributing")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    for code in re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        apply(code, folder)
    return folder


def apply(code, folder):
    place, _, text = code.removeprefix("# ").partition("\n")
    name, _, where = place.partition(", ")
    how, _, anchor = where.partition(": ")
    file = folder / name
    if not anchor:
        assert not (ROOT / name).exists(), f"{name} is there already"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
        return
    before, found, after = file.read_text("utf-8").partition(f"\n{anchor}\n")
    assert found, f"{name} has no line {anchor!r}"
    kept = {"below": found, "instead of": "\n"}[how]
    file.write_text(before + kept + text + after, "utf-8")


def run(copy, *command, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("METAFLOW_")}
    path = os.pathsep.join(str(copy / each) for each in SOURCES)
    done = subprocess.run(
        [sys.executable, *command],
        cwd=copy,
        env={**clean, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def stacks(copy):
    run(
        copy,
        "main.py",
        METAFLOW_GCP_SETTINGS=str(ROOT / "tests/stacks/settings/minimal.toml"),
        METAFLOW_GCP_STORAGE__REQUESTER_PAYS="true",
    )
    files = (copy / "cdktf.out/stacks").glob("*/cdk.tf.json")
    return {file.parent.name: json.loads(file.read_text("utf-8"))["resource"] for file in files}


def only(stack, type_):
    [found] = stack[type_].values()
    return found


def test_what_the_page_names_is_there():
    commands = "".join(re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
    named = re.findall(r"(?:scripts|tests)/[\w/.]+", commands)
    assert len(named) > 8
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_a_setting(copy, stacks):
    assert only(stacks["infra"], "google_storage_bucket")["requester_pays"] is True
    for script in ("settings_schema", "settings_example"):
        run(copy, f"scripts/{script}.py")
    schema = json.loads((copy / "config/settings.schema.json").read_text("utf-8"))
    assert schema["$defs"]["Storage"]["properties"]["requester_pays"]["default"] is False
    assert "\nrequester_pays = false\n" in (copy / "config/example.toml").read_text("utf-8")


def test_a_google_resource(copy, stacks):
    kind = "from metaflow_gcp_tools.commands.plan.kinds import KINDS; print(KINDS['google_pubsub_topic'].effect)"
    assert run(copy, "-c", kind) == "data\n"
    apis = {each["service"] for each in stacks["apis"]["google_project_service"].values()}
    assert "pubsub.googleapis.com" in apis
    assert only(stacks["infra"], "google_pubsub_topic")["name"] == "metaflow-default"


def test_a_service(copy, stacks):
    deployments = {each["metadata"]["name"]: each for each in stacks["services"]["kubernetes_deployment_v1"].values()}
    [container] = deployments["team-pages"]["spec"]["template"]["spec"]["container"]
    assert container["image"].endswith("/python:3.11")
    assert "8084" in container["command"]
    assert container["security_context"]["read_only_root_filesystem"] is True
    manifest = json.loads((copy / "cdktf.out/platform.json").read_text("utf-8"))
    assert {"team-pages", "metaflow-ui"} <= {each["name"] for each in manifest["forwards"]}


def test_they_deploy_and_leave_nothing(copy):
    said = run(copy, "-m", "tests.deploys.second_plans", "--count", "1")
    assert said == "1 of 1 settings: deployed, nothing to change in the second plan, nothing found, nothing left\n"


def test_a_command(copy):
    home = copy / "home"
    (home / "metaflow-gcp").mkdir(parents=True)
    (home / "metaflow-gcp/default.json").write_text(json.dumps(DESCRIPTION), "utf-8")
    command = ("-c", "from metaflow_gcp_tools import cli; cli.main()")
    shown = run(copy, *command, "where", METAFLOW_HOME=str(home))
    assert shown == "gke-metaflow-default in us-west1, project acme-metaflow\n"
    document = json.loads(run(copy, *command, "where", "--json", METAFLOW_HOME=str(home)))
    assert document["result"]["cluster"] == "gke-metaflow-default"
    assert " where " in run(copy, *command, "--help")
