"""The metadata service at a port of this machine, through the platform's endpoint, until Ctrl-C."""

import asyncio
from collections.abc import Callable

from metaflow_gcp_tools.commands.forward.endings import until_ended
from metaflow_gcp_tools.commands.forward.iap_proxy import Upstream, serving


def keep(upstream: Upstream, port: int, opened: Callable[[], None]) -> None:
    """Raises `CommandFailed` when nobody is let in, or nothing answers."""
    upstream.require()
    with serving(upstream, port):
        asyncio.run(_until_ended(opened))


async def _until_ended(opened: Callable[[], None]) -> None:
    await until_ended(asyncio.create_task(_for_ever(opened)))


async def _for_ever(opened: Callable[[], None]) -> None:
    """Told when a signal would be heard."""
    opened()
    await asyncio.Event().wait()
