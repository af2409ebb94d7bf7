"""The real Terraform, run in one folder."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.clock import graph
from rehearsal.facts import PROVIDERS
from rehearsal.run.attached import Attached
from rehearsal.run.errors import StepFailed, WrongUse
from rehearsal.run.progress import Row

OLDEST = (1, 11)


@dataclass(kw_only=True)
class Outcome:
    """What a command said.

    Its exit code, the errors, the changes it planned or made as `action address`, and how many resources they are, as
    Terraform counts them: a replacement is two. `broke` are the addresses whose change failed.
    """

    code: int
    resources: int = 0
    errors: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    broke: list[str] = field(default_factory=list)

    @property
    def message(self) -> str:
        """The errors. At a destroy they do not name the resource: Terraform says it beside them."""
        said = "\n".join(self.errors)
        return "\n".join([*(f"{each}: failed" for each in self.broke if each not in said), said])


def require() -> str:
    """Terraform's path, if it is there and new enough."""
    found = shutil.which("terraform")
    if found is None:
        raise WrongUse("Terraform is not installed: install Terraform 1.11 or newer and put it on the PATH.")
    ran = subprocess.run(
        [found, "version", "-json"], capture_output=True, text=True, check=False, env={"CHECKPOINT_DISABLE": "1"}
    )
    version = re.search(r'"terraform_version":\s*"((\d+)\.(\d+)[^"]*)"', ran.stdout)
    if version is None:
        raise WrongUse(f"{found} does not answer as Terraform does: {(ran.stderr or ran.stdout).strip()[:200]}")
    if (int(version[2]), int(version[3])) < OLDEST:
        raise WrongUse(f"Terraform {version[1]} is too old: 1.11 or newer is needed ({found}).")
    return found


@dataclass(frozen=True, kw_only=True)
class Terraform:
    """Terraform in a stack's folder.

    With `attached` it starts no provider but takes those, once `init` has found and locked what it would start.
    """

    folder: Path
    environment: dict[str, str]
    attached: Attached | None = None
    wrapper: list[str] = field(default_factory=list)
    """What Terraform runs under: words before its own."""
    started: list[Callable[[int], None]] = field(default_factory=list)
    """Who is told the process that is started."""

    def init(self) -> None:
        ran = self._run("init", "-input=false", "-no-color", environment=self.environment)
        if ran.returncode:
            raise StepFailed("init", _with_hint(_plain(ran.stderr or ran.stdout)))

    def validate(self) -> None:
        ran = self._run("validate", "-json")
        problems = [_diagnostic(each) for each in json.loads(ran.stdout)["diagnostics"] if each["severity"] == "error"]
        if ran.returncode:
            raise StepFailed("validate", "\n".join(problems))

    def plan(self, *, destroy: bool = False) -> Outcome:
        """Plans; the exit code is 0 when there is nothing to change, 2 when there is."""
        outcome = self.stream("plan", "-detailed-exitcode", "-out=tfplan", *(["-destroy"] if destroy else []))
        if outcome.code == 1:
            raise StepFailed("plan", "\n".join(outcome.errors))
        return outcome

    def apply(self, row: Row | None = None) -> Outcome:
        """Applies what was planned."""
        outcome = self.stream("apply", "-auto-approve", "tfplan", row=row)
        if outcome.code:
            raise StepFailed("apply", outcome.message)
        return outcome

    def destroy(self, row: Row | None = None) -> Outcome:
        outcome = self.stream("destroy", "-auto-approve", row=row)
        if outcome.code:
            raise StepFailed("destroy", outcome.message)
        return outcome

    def state(self) -> dict[str, Any]:
        """What Terraform knows of what it has deployed; empty where it has deployed nothing."""
        ran = self._run("state", "pull", environment=self.environment)
        if ran.returncode:
            raise StepFailed("state pull", _plain(ran.stderr))
        return dict(json.loads(ran.stdout or "{}"))

    def command(self, *arguments: str) -> None:
        """Any other command."""
        ran = self._run(*arguments)
        if ran.returncode:
            raise StepFailed(arguments[0], _plain(ran.stderr or ran.stdout))

    def resources(self) -> list[str]:
        """The addresses of what the state holds, data sources left out."""
        return addresses(self.state())

    def stream(self, *arguments: str, row: Row | None = None) -> Outcome:
        """Runs a command and reads the events it reports as JSON; a row is kept up to date."""
        outcome = Outcome(code=0)
        with subprocess.Popen(
            [*self.wrapper, "terraform", arguments[0], "-json", "-input=false", *arguments[1:]],
            cwd=self.folder,
            env=self._attached(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            for each in self.started:
                each(process.pid)
            for line in process.stdout or ():
                _read(line, outcome, row or Row(self.folder.name))
        outcome.code = process.returncode
        if outcome.code < 0:
            outcome.errors.append(f"terraform was killed by signal {-outcome.code}")
        return outcome

    def _run(self, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", *arguments],
            cwd=self.folder,
            env=environment or self._attached(),
            capture_output=True,
            text=True,
            check=False,
        )

    def _attached(self) -> dict[str, str]:
        return self.environment | self.attached.variables if self.attached else self.environment


def addresses(state: dict[str, Any]) -> list[str]:
    """The addresses of a state's resources, data sources left out."""
    return [
        address for each in state.get("resources", ()) if each["mode"] == "managed" for address in graph.instances(each)
    ]


def _read(line: str, outcome: Outcome, row: Row) -> None:
    """One event; what is no event is something that went wrong before Terraform could say so properly."""
    try:
        event = json.loads(line)
    except ValueError:
        outcome.errors.append(line.rstrip())
        return
    match event.get("type"):
        case "diagnostic" if event["diagnostic"]["severity"] == "error":
            outcome.errors.append(_diagnostic(event["diagnostic"]))
        case "planned_change" if event["change"]["action"] not in {"noop", "read"}:
            outcome.changes.append(f"{event['change']['action']} {event['change']['resource']['addr']}")
        case "outputs":
            changes = {name: output.get("action", "noop") for name, output in event["outputs"].items()}
            outcome.changes += [f"{action} output.{name}" for name, action in changes.items() if action != "noop"]
        case "change_summary" if event["changes"]["operation"] == "plan":
            outcome.resources = sum(event["changes"][action] for action in ("add", "change", "remove"))
            row.planned(outcome.resources)
        case "apply_errored":
            outcome.broke.append(event["hook"]["resource"]["addr"])
        case "apply_start" if event["hook"]["action"] != "read":
            row.started(event["hook"]["resource"]["addr"])
        case "apply_complete" if event["hook"]["action"] != "read":
            row.finished()


def _diagnostic(diagnostic: dict[str, Any]) -> str:
    where = f"{diagnostic['address']}: " if diagnostic.get("address") else ""
    return f"{where}{diagnostic['summary']}" + (f"\n  {diagnostic['detail']}" if diagnostic.get("detail") else "")


_NO_STAND_IN = re.compile(r"([\w-]+/[\w-]+): (?:provider\s+\S+\s+was\s+not\s+found|no\s+available\s+releases\s+match)")


def _with_hint(message: str) -> str:
    """What Terraform cannot know when it finds a provider nowhere: who is simulated here."""
    missing = ", ".join(sorted(set(_NO_STAND_IN.findall(message))))
    if not missing:
        return message
    ours = ", ".join(f"hashicorp/{name} {version}" for name, version in PROVIDERS.items())
    hint = f"The rehearsal simulates only {ours}. This stack asks for another provider or version: {missing}."
    beta = " Leave `provider` out for types that google has, too." if "hashicorp/google-beta" in missing else ""
    return f"{message}\n{hint}{beta}"


def _plain(text: str) -> str:
    """Without colours and the box Terraform draws around its errors."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return "\n".join(line.lstrip("│╷╵ ").rstrip() for line in text.splitlines() if line.strip("│╷╵ ")).strip()
