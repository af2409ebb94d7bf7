"""What ends a command other than success. Raised anywhere, shown in one place: `command_line`."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong, and the way on."""

    what: str
    """What is wrong, with the value received and what is allowed."""
    next_step: str
    """The command, page or person that mends it."""


class CommandFailed(Exception):
    """The world is at fault: no rights, no network, something is not there. Exit code 1."""

    exit_code = 1

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.what for problem in problems))
        self.problems = problems


class WrongUse(CommandFailed):
    """The command line or the settings are at fault. Exit code 2, and nothing was done."""

    exit_code = 2


def last_line(said: str) -> str:
    """What a program said last, which mostly is why it failed; `nothing` for one that said nothing."""
    return (said.strip().splitlines() or ["nothing"])[-1]
