"""A command that lives while the services are reachable, with its signals and its exit code."""

import asyncio
import os
import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from metaflow_gcp_tools.commands.forward.endings import handled
from metaflow_gcp_tools.problems import Problem
from metaflow_gcp_tools.terminal.output import Output

BY_SIGNAL = 128
"""As a shell has it: the exit code of what a signal ended is this and the signal's number."""


class Child(ABC):
    def __init__(self, command: Sequence[str], output: Output) -> None:
        self._command = command
        self._output = output

    @abstractmethod
    def _reachable(self) -> AbstractAsyncContextManager[None]:
        """Entered when the metadata service answers. Raises `CommandFailed` when it does not."""

    @abstractmethod
    def _environment(self) -> dict[str, str]:
        """Of the command: it says where everything is."""

    async def to_its_end(self) -> int:
        """The command's exit code; that of a signal if one came before the command had started."""
        main = asyncio.current_task()
        assert main
        self._child: asyncio.subprocess.Process | None = None
        came: list[signal.Signals] = []

        def pass_on(number: signal.Signals) -> None:
            if self._child is None:
                if not came:
                    main.cancel()
                came.append(number)
            elif not _comes_from_the_terminal(number) and self._child.returncode is None:
                self._child.send_signal(number)

        with handled(pass_on):
            try:
                async with self._reachable():
                    exit_code = await self._run_command()
            except asyncio.CancelledError:
                if not came:
                    raise
                exit_code = BY_SIGNAL + came[0]
                what = "interrupted while waiting for the metadata service"
                self._output.problem(Problem(what=what, next_step="the command was not started"))
        return exit_code

    async def _run_command(self) -> int:
        self._child = await asyncio.create_subprocess_exec(
            *self._command, env=self._environment(), stdout=sys.stderr if self._output.as_json else None
        )
        returned = await self._child.wait()
        return returned if returned >= 0 else BY_SIGNAL - returned


def with_profile(environment: dict[str, str], profile: str) -> dict[str, str]:
    """The profile that was asked for, whatever was set before."""
    environment = {name: value for name, value in environment.items() if name != "METAFLOW_PROFILE"}
    return {**environment, "METAFLOW_PROFILE": profile} if profile else environment


def _comes_from_the_terminal(number: signal.Signals) -> bool:
    """Then the command has had it, too: a terminal sends its signals to all in the foreground."""
    if number == signal.SIGTERM:
        return False
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
