"""All forwards of a platform, kept open by this process; other processes of the same person's see what it has."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from metaflow_gcp_tools.commands.forward import kubectl, login, ports, records
from metaflow_gcp_tools.commands.forward.records import Record
from metaflow_gcp_tools.commands.forward.status import Status
from metaflow_gcp_tools.commands.forward.tunnel import Pace, Tunnel
from metaflow_gcp_tools.platform.description import Forward, Platform
from metaflow_gcp_tools.problems import CommandFailed


class Keeper:
    def __init__(
        self,
        platform: Platform,
        local: Mapping[str, int],
        *,
        command: str,
        background: bool = False,
        pace: Pace | None = None,
        changed: Callable[[Status], None] = lambda _status: None,
    ) -> None:
        """`local` is the port of each forward on this machine; `changed` is told every change."""
        self._context = platform.kube_context
        self._record = Record.of_this_process(context=self._context, command=command, background=background)
        self._told = changed
        self.tunnels = {
            forward.name: self._tunnel(platform, forward, local[forward.name], pace or Pace())
            for forward in platform.forwards
        }

    def _tunnel(self, platform: Platform, forward: Forward, port: int, pace: Pace) -> Tunnel:
        def carried_by() -> int | None:
            found = records.carrier(self._context, forward.name, port)
            return found[0] if found else None

        return Tunnel(
            name=forward.name,
            port=port,
            path=ports.probe_path(forward.name),
            command=kubectl.arguments(platform, forward, port),
            pace=pace,
            carried_by=carried_by,
            changed=self._changed,
        )

    @property
    def record(self) -> Record:
        """This process and its forwards, as they are now."""
        return replace(self._record, forwards=tuple(tunnel.status for tunnel in self.tunnels.values()))

    def _changed(self, status: Status) -> None:
        # A full disk keeps others from being told; traffic goes on.
        with suppress(OSError, CommandFailed):
            self.record.write()
        self._told(status)

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[asyncio.Task[None]]:
        """Open as long as the context lasts. The task ends, with `CommandFailed`, only when that is of no use."""
        task = asyncio.create_task(self.keep())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def wait_for(self, name: str, keeping: asyncio.Task[None], *, within: float, otherwise: str = "") -> None:
        """Until a forward is open.

        `keeping` is the task of `kept`. `otherwise` ends the message: what does not happen without the forward.
        Raises `CommandFailed` for a fault that will not pass, and after `within` seconds.
        """
        tunnel = self.tunnels[name]
        opened = asyncio.create_task(tunnel.opened.wait())
        try:
            await asyncio.wait({opened, keeping}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        finally:
            opened.cancel()
        if keeping.done():
            await keeping
        if not tunnel.opened.is_set():
            status = tunnel.status
            raise CommandFailed.of(
                what=f"the {name.replace('-', ' ')} could not be reached within {within:.0f} s: "
                f"{status.note or status.state}{otherwise}",
                next_step=status.next_step or "run `metaflow-gcp status` to see why",
            )

    async def _require_login(self) -> None:
        try:
            await login.require(self._context)
        except CommandFailed:
            # What is open was let in.
            if not any(tunnel.opened.is_set() for tunnel in self.tunnels.values()):
                raise

    async def keep(self) -> None:
        """Until cancelled. Raises `CommandFailed` for a fault that will not pass."""
        # Before anything starts: who comes second sees it.
        self.record.write()
        forever = [asyncio.create_task(tunnel.keep()) for tunnel in self.tunnels.values()]
        tasks = [*forever, asyncio.create_task(self._require_login())]
        try:
            # Not `gather`, which would cancel them as well: to be cancelled twice would cut their clearing up short.
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in ended:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._record.remove()
