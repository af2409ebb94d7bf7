"""What ends a command other than success. Raised anywhere, shown in one place: `cli`."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong, and the way on."""

    what: str
    """What is wrong, with the value received and what is allowed."""
    next_step: str
    """The command, page or person that fixes it."""


class CommandFailed(Exception):
    """The world is at fault: no rights, no network, something is not there. Exit code 1."""

    exit_code = 1

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.what for problem in problems))
        self.problems = problems

    @classmethod
    def of(cls, *, what: str, next_step: str) -> Self:
        """One problem."""
        return cls(Problem(what=what, next_step=next_step))

    @property
    def what(self) -> str:
        """Of the first problem."""
        return self.problems[0].what

    @property
    def next_step(self) -> str:
        return self.problems[0].next_step


class WrongUse(CommandFailed):
    """The command line or the settings are at fault. Exit code 2, and nothing was done."""

    exit_code = 2


def check_use(*rules: tuple[bool, str, str]) -> None:
    """Raise `WrongUse` with every rule that is broken: whether it is, what is wrong then, and the way on."""
    if broken := [Problem(what=what, next_step=next_step) for is_broken, what, next_step in rules if is_broken]:
        raise WrongUse(*broken)


class Interrupted(CommandFailed):
    """Ctrl-C, or the end of what a question is answered from."""

    exit_code = 130
    """As a shell has it: 128 and SIGINT."""


@contextmanager
def interruptible(doing: str, *, left: str) -> Iterator[None]:
    """Say what Ctrl-C interrupted, and what it left behind. Within another one, the inner one says it.

    with interruptible("asking whether to write the files", left="nothing was written"):
        typer.confirm(...)
    """
    from typer.exceptions import Abort

    try:
        yield
    except (KeyboardInterrupt, Abort):
        raise Interrupted.of(what=f"interrupted while {doing}", next_step=left) from None


_LOG_PREFIX = re.compile(r"^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ \S+\] ")
"""kubectl's and its plugin's: https://github.com/kubernetes/klog, `formatHeader`."""


def last_line(said: str) -> str:
    """What a program said last, which mostly is why it failed; `nothing` for one that said nothing."""
    return _LOG_PREFIX.sub("", (said.strip().splitlines() or ["nothing"])[-1])


def first_line(said: str) -> str:
    """What a program said first; `nothing` for one that said nothing."""
    return _LOG_PREFIX.sub("", (said.strip().splitlines() or ["nothing"])[0])
