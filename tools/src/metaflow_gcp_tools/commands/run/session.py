"""A command, and the forwards that are open for as long as it lives."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from metaflow_gcp_tools.commands.forward import ports, records
from metaflow_gcp_tools.commands.forward.endings import handled
from metaflow_gcp_tools.commands.forward.keeper import Keeper
from metaflow_gcp_tools.commands.forward.news import News
from metaflow_gcp_tools.commands.forward.ports import METADATA_SERVICE
from metaflow_gcp_tools.commands.forward.status import Status
from metaflow_gcp_tools.commands.run import show
from metaflow_gcp_tools.machine import own_kubeconfig
from metaflow_gcp_tools.platform.description import Platform
from metaflow_gcp_tools.problems import CommandFailed, Problem
from metaflow_gcp_tools.terminal.output import Output

OPEN_WITHIN = 60.0
"""Seconds, for the metadata service: a flow does not start without it."""

BY_SIGNAL = 128
"""As a shell has it: the exit code of what a signal ended is this and the signal's number."""


class Session:
    def __init__(self, platform: Platform, profile: str, command: Sequence[str], output: Output) -> None:
        self._profile = profile
        self._kubeconfig = own_kubeconfig.ensured(platform, profile)
        self._command = command
        self._output = output
        self._local = _ports(platform)
        self._keeper = Keeper(platform, self._local, command="run", changed=self._changed)
        self._news = News()

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
                async with self._keeper.kept() as keeping:
                    await self._wait_for_metadata(keeping)
                    exit_code = await self._run_command()
            except asyncio.CancelledError:
                if not came:
                    raise
                exit_code = BY_SIGNAL + came[0]
                what = "interrupted while waiting for the metadata service"
                self._output.problem(Problem(what=what, next_step="the command was not started"))
        return exit_code

    async def _wait_for_metadata(self, keeping: asyncio.Task[None]) -> None:
        tunnel = self._keeper.tunnels[METADATA_SERVICE]
        opened = asyncio.create_task(tunnel.opened.wait())
        try:
            await asyncio.wait({opened, keeping}, timeout=OPEN_WITHIN, return_when=asyncio.FIRST_COMPLETED)
        finally:
            opened.cancel()
        if keeping.done():
            await keeping
        if not tunnel.opened.is_set():
            status = tunnel.status
            raise CommandFailed.of(
                what=f"the metadata service could not be reached within {OPEN_WITHIN:.0f} s: "
                f"{status.note or status.state}; the command was not started",
                next_step=status.next_step or "run `metaflow-gcp status` to see why",
            )

    async def _run_command(self) -> int:
        self._child = await asyncio.create_subprocess_exec(
            *self._command, env=self._environment(), stdout=sys.stderr if self._output.as_json else None
        )
        returned = await self._child.wait()
        return returned if returned >= 0 else BY_SIGNAL - returned

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, "KUBECONFIG": str(self._kubeconfig)}
        for name, port in self._local.items():
            environment |= ports.variables(name, port, self._profile)
        environment.pop("METAFLOW_PROFILE", None)
        if self._profile:
            environment["METAFLOW_PROFILE"] = self._profile
        return environment

    def _changed(self, status: Status) -> None:
        line = self._news.line(status)
        if line and not self._output.as_json:
            show.news(line)


def _ports(platform: Platform) -> dict[str, int]:
    """Where another process of ours has a forward open; else its own port, or any, if that one is taken."""
    chosen = {}
    for forward in platform.forwards:
        carried = records.carrier(platform.kube_context, forward.name)
        if carried:
            chosen[forward.name] = carried[1]
        else:
            chosen[forward.name] = forward.port if ports.is_free(forward.port) else ports.free()
    return chosen


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
