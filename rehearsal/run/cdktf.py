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


@dataclass(frozen=True, kw_only=True)
class Cdktf:
    """The CLI of the project's node_modules; `output` is where it synthesizes to and runs Terraform."""

    project: Path
    output: Path
    log: Path
    environment: dict[str, str]

    def run(self, command: str, stacks: list[str], tell: Callable[[str, str], None]) -> dict[str, float]:
        """Deploys or destroys the stacks; returns the seconds from each stack's first line to its last."""
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
        times: dict[str, tuple[float, float]] = {}
        errors: list[str] = []
        failed: str | None = None
        assert process.stdout is not None
        with self.log.open("a") as log:
            for raw in process.stdout:
                line = _COLOUR.sub("", raw.rstrip())
                log.write(f"{line}\n")
                found = _LINE.fullmatch(line)
                if found and found["stack"] in stacks:
                    stack, line = found["stack"], found["text"]
                    now = time.monotonic()
                    times[stack] = (times.get(stack, (now, now))[0], now)
                    tell(stack, line)
                    if "Error:" in line:
                        failed = failed or stack
                if errors or "Error:" in line:
                    errors.append(line.strip("│╷╵ "))
        if process.wait():
            lines = [line for line in errors if line][:40]
            raise StepFailed(command, "\n".join(lines) or f"cdktf {command} ended with {process.returncode}, see {self.log}", failed)
        return {stack: round(last - first, 2) for stack, (first, last) in times.items()}


def executable(project: Path) -> Path:
    found = project / "node_modules" / ".bin" / "cdktf"
    if not found.exists():
        raise WrongUse("The CDKTF CLI is not installed: run `make setup` first.")
    return found


def path() -> str:
    """A PATH on which this Python and its Node come first."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
