"""A command, and the metadata service behind Identity-Aware Proxy for as long as it lives. Takes no kubectl."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from metaflow_gcp_tools.clients.iap import Tokens
from metaflow_gcp_tools.commands.forward import ports
from metaflow_gcp_tools.commands.forward.ports import METADATA_SERVICE
from metaflow_gcp_tools.commands.run.child import Child, with_profile
from metaflow_gcp_tools.commands.run.proxy import Upstream, serving
from metaflow_gcp_tools.problems import CommandFailed
from metaflow_gcp_tools.terminal.output import Output

_OK = 200


class ThroughIap(Child):
    def __init__(self, url: str, tokens: Tokens, profile: str, command: Sequence[str], output: Output) -> None:
        """`url`: of the metadata service."""
        super().__init__(command, output)
        self._url, self._profile = url, profile
        self._upstream = Upstream(url, tokens)
        self._port = 0

    @asynccontextmanager
    async def _reachable(self) -> AsyncIterator[None]:
        await asyncio.to_thread(self._ping)
        with serving(self._upstream, 0) as self._port:
            yield

    def _ping(self) -> None:
        """Raises `CommandFailed` when it is not let in, or nothing answers."""
        answer = self._upstream.ask("GET", "/ping", {}, b"")
        if answer.status_code != _OK:
            raise CommandFailed.of(
                what=f"{self._url} answers {answer.status_code}: the service account is not let in, or the service is "
                "away; the command was not started",
                next_step="name the account in access.users and deploy; see `metaflow-gcp status`",
            )

    def _environment(self) -> dict[str, str]:
        return with_profile(
            {**os.environ, **ports.variables(METADATA_SERVICE, self._port, self._profile)}, self._profile
        )
