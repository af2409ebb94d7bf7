"""The real CDKTF CLI, run in the project's folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rehearsal.run.errors import StepFailed, WrongUse

_LINE = re.compile(r"(?P<stack>[\w.-]+)\s{2,}(?P<text>.*)")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_PHASES = (
    ("init", re.compile(r"Initializing the backend")),
    ("plan", re.compile(r"Terraform used the selected providers|Refreshing state\.\.\.|No changes\.")),
    ("apply", re.compile(r": (Creating|Modifying|Destroying)\.\.\.")),
)
"""What Terraform says first in each phase: enough for a person who watches; nothing is decided by it."""


@dataclass(frozen=True, kw_only=True)
class Cdktf:
    """The CLI of the project's node_modules; `output` is where it synthesizes to and runs Terraform."""

    project: Path
    output: Path
    log: Path
    environment: dict[str, str]

    def run(
        self, command: str, stacks: list[str], tell: Callable[[str, str, str], None]
    ) -> dict[str, dict[str, float]]:
        """Deploys or destroys the stacks and tells each line with its stack and phase; returns the seconds of each stack's phases."""
        arguments = [command, *stacks, "--auto-approve", "--output", os.path.relpath(self.output, self.project)]
        process = subprocess.Popen(
            [str(executable(self.project)), *arguments],
            cwd=self.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        clock = _Clock(stacks)
        errors: list[str] = []
        at = failed = None
        assert process.stdout is not None
        with self.log.open("a") as log:
            for raw in process.stdout:
                line = _COLOUR.sub("", raw.rstrip())
                log.write(f"{line}\n")
                found = _LINE.fullmatch(line)
                # Only the first of several lines of a stack names it.
                if found and found["stack"] in clock.phases:
                    at, line = found["stack"], found["text"]
                if at and line.strip():
                    tell(at, clock.tick(at, line), line.strip())
                if "Error:" in line:
                    failed = failed or at
                if errors or "Error:" in line:
                    errors.append(line.strip("│╷╵ "))
        if process.wait():
            lines = [line for line in errors if line][:40]
            raise StepFailed(
                command, "\n".join(lines) or f"cdktf {command} ended with {process.returncode}, see {self.log}", failed
            )
        return clock.seconds


class _Clock:
    """The seconds of each stack's phases: what passes before a line is that line's, since Terraform speaks when it has done something."""

    def __init__(self, stacks: list[str]) -> None:
        self.phases = dict.fromkeys(stacks, "init")
        self.seconds: dict[str, dict[str, float]] = {stack: {} for stack in stacks}
        self.last: float | None = None

    def tick(self, stack: str, line: str) -> str:
        """The phase the stack is in with this line."""
        now = time.monotonic()
        phase = next((phase for phase, sign in _PHASES if sign.search(line)), self.phases[stack])
        spent = self.seconds[stack].get(phase, 0.0) + now - (self.last or now)
        self.seconds[stack][phase] = round(spent, 2)
        self.phases[stack], self.last = phase, now
        return phase


def executable(project: Path) -> Path:
    found = project / "node_modules" / ".bin" / "cdktf"
    if not found.exists():
        raise WrongUse("The CDKTF CLI is not installed: run `make setup` first.")
    return found


def path() -> str:
    """A PATH on which this Python and its Node come first."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
