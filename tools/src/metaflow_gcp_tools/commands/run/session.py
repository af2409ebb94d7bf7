"""A command, and the forwards that are open for as long as it lives."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from metaflow_gcp_tools.commands.forward import ports, records
from metaflow_gcp_tools.commands.forward.keeper import Keeper
from metaflow_gcp_tools.commands.forward.news import News
from metaflow_gcp_tools.commands.forward.ports import METADATA_SERVICE
from metaflow_gcp_tools.commands.forward.status import Status
from metaflow_gcp_tools.commands.run import show
from metaflow_gcp_tools.commands.run.child import Child, with_profile
from metaflow_gcp_tools.machine import own_kubeconfig
from metaflow_gcp_tools.platform.description import Platform
from metaflow_gcp_tools.terminal.output import Output

OPEN_WITHIN = 60.0
"""Seconds, for the metadata service: a flow does not start without it."""


class Session(Child):
    def __init__(self, platform: Platform, profile: str, command: Sequence[str], output: Output) -> None:
        super().__init__(command, output)
        self._profile = profile
        self._kubeconfig = own_kubeconfig.ensured(platform, profile)
        self._local = _ports(platform)
        self._keeper = Keeper(platform, self._local, command="run", changed=self._changed)
        self._news = News()

    @asynccontextmanager
    async def _reachable(self) -> AsyncIterator[None]:
        async with self._keeper.kept() as keeping:
            await self._keeper.wait_for(
                METADATA_SERVICE, keeping, within=OPEN_WITHIN, otherwise="; the command was not started"
            )
            yield

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, "KUBECONFIG": str(self._kubeconfig)}
        for name, port in self._local.items():
            environment |= ports.variables(name, port, self._profile)
        return with_profile(environment, self._profile)

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
