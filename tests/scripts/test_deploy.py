"""`make deploy` and `make destroy`, with programs in Terraform's and CDKTF's places.

The real ones: test_readme.py and tests/deploys/test_round_trip.py.
"""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.terminal import answered

PROJECT = Path(__file__).parents[2]
TERRAFORM = """
import json, pathlib, sys
stack = pathlib.Path.cwd().name
world = json.loads(pathlib.Path("../../../world.json").read_text())
what = sys.argv[1]
if what == "state":
    if not world[stack]["deployed"]:
        sys.exit("No state file was found!")
    print("a.b")
elif what == "plan":
    with open("../../../ran", "a") as file: print("plan", stack, *(a for a in sys.argv if a == "-destroy"), file=file)
    if needs := world[stack].get("needs"):
        if needs not in pathlib.Path("../../../ran").read_text():
            sys.exit("Error: Unsupported attribute")
    [out] = [a.removeprefix("-out=") for a in sys.argv if a.startswith("-out=")]
    pathlib.Path(out).write_text(json.dumps(world[stack]["plan"]))
elif what == "output":
    print("{}")
"""
CDKTF = """
import pathlib, signal, sys, time
def orderly(*_):
    time.sleep(0.5)
    with open("ran", "a") as file: print("ended in order", file=file)
    sys.exit(1)
for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, orderly)
with open("ran", "a") as file: print("cdktf", *sys.argv[1:], file=file)
if pathlib.Path("takes long").exists():
    time.sleep(60)
"""
MAIN = 'import sys; print("wrong settings", file=sys.stderr); sys.exit(2)'


def plan(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"format_version": "1.2", "planned_values": {}, "resource_changes": list(changes)}


def gone(type_: str, name: str) -> dict[str, Any]:
    change = {"actions": ["delete"], "before": {"name": name}, "after": None}
    return {"address": f"{type_}.x", "mode": "managed", "type": type_, "change": change}


NOTHING = {"deployed": True, "plan": plan()}
BUCKET = {"deployed": True, "plan": plan(gone("google_storage_bucket", "artifacts"))}
ARGO = {"deployed": True, "plan": plan(gone("helm_release", "argo-workflows"))}
ROLE = {"deployed": True, "plan": plan(gone("kubernetes_role_v1", "run"))}
NEW = {"deployed": False}


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        programs = folder / "bin"
        programs.mkdir()
        for name, text in (("terraform", TERRAFORM), ("cdktf", CDKTF)):
            source = programs / f"{name}.py"
            source.write_text(text)
            # A shebang takes no path with a space.
            (programs / name).write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(source)])} "$@"\n')
            (programs / name).chmod(0o755)
        (folder / "main.py").write_text("")
        path = os.pathsep.join([str(programs), os.environ["PATH"]])
        self.environment = {**os.environ, "PATH": path, "PYTHONPATH": str(PROJECT), "NO_COLOR": "1"}

    def has(self, **stacks: dict[str, Any]) -> None:
        (self.folder / "world.json").write_text(json.dumps(stacks))
        for stack in stacks:
            (self.folder / "cdktf.out/stacks" / stack).mkdir(parents=True)

    def command(self, what: str = "deploy", *options: str) -> list[str]:
        return [sys.executable, "-m", "scripts.deploy", what, *options, "infra", "services"]

    def run(self, what: str = "deploy", *options: str) -> tuple[int, str]:
        ended = subprocess.run(
            self.command(what, *options),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return ended.returncode, ended.stderr

    @property
    def deployed(self) -> list[str]:
        file = self.folder / "ran"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line.removeprefix("cdktf ") for line in lines if line.startswith("cdktf")]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


TOGETHER = "--auto-approve --terraform-parallelism 20"
ALL = f"deploy infra services {TOGETHER} --skip-synth"


@pytest.mark.parametrize(
    "stacks",
    [{"infra": NEW, "services": NEW}, {"infra": NOTHING, "services": NOTHING}, {"infra": NOTHING, "services": ROLE}],
    ids=["a first deployment", "no changes", "an interruption"],
)
def test_nobody_is_asked_where_nothing_is_lost(project: Project, stacks: dict[str, Any]) -> None:
    project.has(**stacks)
    assert project.run()[0] == 0
    assert project.deployed == [ALL]


def test_a_first_deployment_is_not_planned(project: Project) -> None:
    project.has(infra=NEW, services=NEW)
    project.run()
    assert "plan" not in (project.folder / "ran").read_text()


def test_what_a_change_costs_is_said_before_it_is_made(project: Project) -> None:
    endpoint = {"name": "it", "load_balancing_scheme": ""}
    change = {"actions": ["create"], "before": None, "after": endpoint}
    created = {"address": "x", "mode": "managed", "type": "google_compute_forwarding_rule", "change": change}
    project.has(infra={"deployed": True, "plan": plan(created)}, services=NOTHING)
    code, said = project.run()
    assert (code, project.deployed) == (0, [ALL])
    assert said.count("At rest:") == 1
    assert "At rest: + 7.30 USD a month (0.00 -> 7.30)" in said
    assert "+ 7.30: Private Service Connect endpoint for the database" in said


def test_without_a_terminal_it_stops_and_says_how_to_go_on(project: Project) -> None:
    project.has(infra=BUCKET, services=NOTHING)
    code, said = project.run()
    assert (code, project.deployed) == (1, [])
    assert "destroy bucket artifacts" in said
    assert "Stopped before infra, services. If you want this, run `make deploy YES=1`." in said
    assert "flows" not in said
    assert not list(project.folder.rglob("*.tfplan"))


def test_flows_that_would_be_lost_are_named_or_it_is_said_that_they_are_not_known(project: Project) -> None:
    project.has(infra=NOTHING, services=ARGO)
    code, said = project.run()
    assert (code, project.deployed) == (1, [])
    assert "lost: running workflows, deployed flows and their schedules" in said
    assert "Which flows are deployed is not known" in said


def test_with_yes_nothing_is_planned(project: Project) -> None:
    project.has(infra=BUCKET, services=NOTHING)
    assert project.run("deploy", "--yes")[0] == 0
    assert (project.folder / "ran").read_text() == f"cdktf deploy infra services {TOGETHER}\n"


@pytest.mark.parametrize(("answer", "deployed"), [("yes", [ALL]), ("no", []), ("", [])])
def test_on_a_terminal_only_yes_goes_on(project: Project, answer: str, deployed: list[str]) -> None:
    project.has(infra=BUCKET, services=NOTHING)
    code, said = answered(project.command(), answer, cwd=project.folder, env=project.environment)
    assert "Type 'yes' to go on" in said
    assert project.deployed == deployed
    assert code == (0 if deployed else 1)


def test_a_stack_that_needs_an_earlier_one_is_looked_at_after_it(project: Project) -> None:
    project.has(infra=NOTHING, services=ARGO | {"needs": "cdktf deploy infra"})
    code, said = project.run()
    assert project.deployed == [f"deploy infra {TOGETHER} --skip-synth"]
    assert code == 1
    assert "argo-workflows" in said


def test_a_plan_that_fails_changes_nothing(project: Project) -> None:
    project.has(infra=BUCKET | {"needs": "nothing"}, services=NOTHING)
    code, said = project.run()
    assert (code, project.deployed) == (1, [])
    assert "Error: Unsupported attribute" in said


def test_destroying_asks_as_well_and_the_last_stack_goes_first(project: Project) -> None:
    project.has(infra=BUCKET, services=NOTHING)
    code, said = project.run("destroy")
    assert (code, project.deployed) == (1, [])
    assert "make destroy YES=1" in said
    assert "plan infra -destroy" in (project.folder / "ran").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_terraform_has_its_time_to_stop(project: Project, number: int) -> None:
    """Ctrl-C reaches all on the terminal; SIGTERM the first process only."""
    (project.folder / "takes long").touch()
    command = project.command("deploy", "--yes")
    with subprocess.Popen(command, cwd=project.folder, env=project.environment, start_new_session=True) as process:
        while process.poll() is None and not project.deployed:
            time.sleep(0.02)
        (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
    assert process.returncode == 1
    assert "ended in order" in (project.folder / "ran").read_text()


def test_wrong_settings(project: Project) -> None:
    (project.folder / "main.py").write_text(MAIN)
    code, said = project.run()
    assert (code, project.deployed) == (2, [])
    assert said == "wrong settings\n"
