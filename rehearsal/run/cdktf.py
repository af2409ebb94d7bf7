"""The real CDKTF CLI, run in the project's folder."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.run.errors import StepFailed, WrongUse
from rehearsal.run.progress import Row

_LINE = re.compile(r"(?P<stack>[\w.-]+)\s{2,}(?P<text>.*)")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_PHASES = (
    ("init", re.compile(r"Initializing the backend")),
    ("plan", re.compile(r"Terraform used the selected providers|Refreshing state\.\.\.|No changes\.")),
    ("apply", re.compile(r": (Creating|Modifying|Destroying)\.\.\.")),
)
"""What Terraform says first in each phase: enough for a person who watches; nothing is decided by it."""
_PLAN = re.compile(r"Plan: (?:\d+ to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy\.")
_STARTED = re.compile(r"(\S+): (?:Creating|Modifying|Destroying)\.\.\.(?: \[.*)?")
_FINISHED = re.compile(r"\S+: (?:Creation|Modifications|Destruction) complete after .*")


@dataclass(frozen=True, kw_only=True)
class Cdktf:
    """The project's own CLI; `output` is where it synthesizes to and runs Terraform."""

    project: Path
    output: Path
    log: Path
    environment: dict[str, str]
    wrapper: list[str] = field(default_factory=list)
    started: list[Callable[[int], None]] = field(default_factory=list)
    """As Terraform's."""

    def run(self, command: str, rows: dict[str, Row]) -> dict[str, dict[str, float]]:
        """Deploys or destroys the stacks whose rows these are, and keeps the rows up to date.

        Returns the seconds of each stack's phases.
        """
        stacks = list(rows)
        listener = Listener(command, rows)
        with (
            self.log.open("a") as log,
            subprocess.Popen(
                [
                    *(*self.wrapper, str(executable(self.project)), command, *stacks, "--auto-approve"),
                    *("--output", os.path.relpath(self.output, self.project)),
                    # What is destroyed is what was deployed.
                    *(["--skip-synth"] if command == "destroy" else []),
                ],
                cwd=self.project,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as process,
        ):
            for each in self.started:
                each(process.pid)
            for raw in process.stdout or ():
                line = _COLOUR.sub("", raw.rstrip())
                log.write(f"{line}\n")
                listener.hear(line)
        if process.returncode:
            said = "\n".join(listener.errors[:40]) or f"cdktf {command} ended with {process.returncode}, see {self.log}"
            raise StepFailed(command, said, listener.failed)
        return listener.seconds


class Listener:
    """Makes out of the CLI's lines which stack is in which phase, for how long, and what went wrong.

    What passes before a line is that line's time, since Terraform speaks when it has done something.
    """

    def __init__(self, command: str, rows: dict[str, Row]) -> None:
        self.command, self.rows = command, rows
        self.phases = dict.fromkeys(rows, "")
        self.planned = dict.fromkeys(rows, 0)
        self.seconds: dict[str, dict[str, float]] = {stack: {} for stack in rows}
        self.errors: list[str] = []
        self.failed: str | None = None
        self.at: str | None = None
        self.last: float | None = None

    def hear(self, line: str) -> None:
        found = _LINE.fullmatch(line)
        # Only the first of several lines of a stack names it.
        if found and found["stack"] in self.phases:
            self.at, line = found["stack"], found["text"]
        if "Error:" in line:
            self.failed = self.failed or self.at
        plain = line.strip("│╷╵ ")
        if plain and (self.errors or "Error:" in line):
            self.errors.append(plain)
        if plain and self.at:
            self._tick(self.at, line)
            self._tell(self.at, line.strip())

    def _tick(self, stack: str, line: str) -> None:
        now, before = time.monotonic(), self.phases[stack]
        phase = next((phase for phase, sign in _PHASES if sign.search(line)), before or "init")
        spent = self.seconds[stack].get(phase, 0.0) + now - (self.last or now)
        self.seconds[stack][phase] = round(spent, 2)
        self.phases[stack], self.last = phase, now
        if phase != before:
            of_all = self.planned[stack] if phase == "apply" else 0
            self.rows[stack].begin(self.command if phase == "apply" and self.command != "deploy" else phase, of_all)

    def _tell(self, stack: str, line: str) -> None:
        """Only what Terraform says of a resource: between these lines stand its plan and whatever that contains."""
        row = self.rows[stack]
        planned, started = _PLAN.fullmatch(line), _STARTED.fullmatch(line)
        if planned:
            self.planned[stack] = sum(int(each) for each in planned.groups())
        elif started:
            row.started(started[1])
        elif _FINISHED.fullmatch(line):
            row.finished()


def executable(project: Path) -> Path:
    """The CLI of the environment that runs this, if it is one of the project's: each CDK has its own."""
    mine = Path(sys.prefix)
    found = (mine if mine.parent == project.resolve() else project / ".venv") / "bin" / "cdktf"
    if not found.exists():
        raise WrongUse("The CDKTF CLI is not installed: run `make setup` first.")
    return found


def path() -> str:
    """A PATH on which this Python and its Node come first."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
