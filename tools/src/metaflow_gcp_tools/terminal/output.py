"""What a command says: to a person on a terminal, or as one JSON document (`--json`).

Everything for people goes to stderr except a command's own result, so that stdout can be piped. With `--json` stdout
is the document and nothing else:

    {"version": 1, "command": "plan", "exit_code": 0, "problems": [{"what": ..., "next_step": ...}], "result": {...}}
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from metaflow_gcp_tools.checks import State
from metaflow_gcp_tools.problems import CommandFailed, Problem

if TYPE_CHECKING:
    from rich.console import Console

STYLES = {
    State.FAIL: "bold red",
    State.UNKNOWN: "magenta",
    State.WARN: "yellow",
    State.PASS: "green",
    State.SKIP: "dim",
}
"""Of checks, for people."""

VERSION = 1
"""Of the document. Raised when a key changes its meaning or goes away; `result` is described on each command's page."""


class Output:
    """Where a command writes. `cli` asks for one before options are parsed: wrong use is told as JSON, too."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    @cached_property
    def result(self) -> "Console":
        """stdout, for people: what the command was asked for. Silent with `--json`."""
        return self._console(stderr=False)

    @cached_property
    def progress(self) -> "Console":
        """stderr, for people: what happens meanwhile. Silent with `--json`."""
        return self._console(stderr=True)

    def _console(self, *, stderr: bool) -> "Console":
        from rich.console import Console

        # https://no-color.org leaves animation open; who switches colours off reads a log, or listens.
        interactive = False if os.environ.get("NO_COLOR") else None
        return Console(
            stderr=stderr,
            quiet=self.as_json,
            # Plain text: what somebody typed must not be taken for markup.
            markup=False,
            highlight=False,
            soft_wrap=True,
            force_interactive=interactive,
        )

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Say on stderr what takes a while: on a terminal as long as it does, elsewhere as a line."""
        if self.progress.is_terminal:
            with self.progress.status(what):
                yield
        else:
            self.progress.print(f"{what} ...")
            yield

    def document(
        self, command: str, result: Mapping[str, Any], *, exit_code: int, problems: Sequence[Problem] = ()
    ) -> None:
        """Write the JSON document; without `--json`, nothing."""
        if self.as_json:
            said = {
                "version": VERSION,
                "command": command,
                "exit_code": exit_code,
                "problems": [{"what": problem.what, "next_step": problem.next_step} for problem in problems],
                "result": dict(result),
            }
            sys.stdout.write(json.dumps(said, indent=2, ensure_ascii=False) + "\n")

    def end(
        self, command: str, result: Mapping[str, Any], problems: Sequence[Problem] = (), *, tell: bool = False
    ) -> int:
        """Write the document, and return the exit code; `tell`: people have not been told of the problems yet."""
        for problem in problems if tell else ():
            self.problem(problem)
        exit_code = CommandFailed.exit_code if problems else 0
        self.document(command, result, exit_code=exit_code, problems=problems)
        return exit_code

    def flush(self) -> None:
        """Find out now whether everything could be written; who reads no longer, as `| head`, has seen enough."""
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            # Python flushes once more when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def problem(self, problem: Problem) -> None:
        """Tell a person what is wrong."""
        self.progress.print(f"metaflow-gcp: {problem.what}")
        if problem.next_step:
            self.progress.print(f"  {problem.next_step}")
