"""A command, and the metadata service behind Identity-Aware Proxy for as long as it lives. Takes no kubectl."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from metaflow_gcp_tools.commands.forward import ports
from metaflow_gcp_tools.commands.forward.iap_proxy import Upstream, serving
from metaflow_gcp_tools.commands.forward.ports import METADATA_SERVICE
from metaflow_gcp_tools.commands.run.child import Child, with_profile
from metaflow_gcp_tools.terminal.output import Output


class ThroughIap(Child):
    def __init__(self, upstream: Upstream, profile: str, command: Sequence[str], output: Output) -> None:
        """`upstream`: the metadata service."""
        super().__init__(command, output)
        self._profile = profile
        self._upstream = upstream
        self._port = 0

    @asynccontextmanager
    async def _reachable(self) -> AsyncIterator[None]:
        await asyncio.to_thread(self._upstream.require)
        with serving(self._upstream, 0) as self._port:
            yield

    def _environment(self) -> dict[str, str]:
        return with_profile(
            {**os.environ, **ports.variables(METADATA_SERVICE, self._port, self._profile)}, self._profile
        )
