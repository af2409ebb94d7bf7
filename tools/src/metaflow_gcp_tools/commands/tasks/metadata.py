"""What Metaflow's metadata service knows of a run, asked through a forward: one that is open, or one for the moment.

The routes are those of services/metadata_service/api/metadata.py in metadata service v2.5.0.
"""

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from metaflow_gcp_tools.clients import unanswered
from metaflow_gcp_tools.commands.forward import kubectl, ports, records
from metaflow_gcp_tools.commands.forward.keeper import Keeper
from metaflow_gcp_tools.commands.forward.kubectl import ADDRESS
from metaflow_gcp_tools.commands.forward.ports import METADATA_SERVICE
from metaflow_gcp_tools.commands.tasks.pathspec import Pathspec
from metaflow_gcp_tools.platform.description import Platform

OPEN_WITHIN = 30.0
"""Seconds, for a forward."""

TIMEOUT_SECONDS = 30.0
"""Of the request: a run of a thousand tasks has some ten thousand rows."""

NOT_FOUND = 404


def of_run(platform: Platform, path: Pathspec, command: str) -> list[dict[str, Any]]:
    """Every row of metadata of the run, oldest first; none for a run that the service does not know.

    `command`: who asks, for others who see the forward.

    Raises `CommandFailed` when the service cannot be reached.
    """
    carried = records.carrier(platform.kube_context, METADATA_SERVICE)
    if carried:
        return _rows(carried[1], path)
    kubectl.require()
    return asyncio.run(_for_the_moment(platform, path, command))


async def _for_the_moment(platform: Platform, path: Pathspec, command: str) -> list[dict[str, Any]]:
    alone = replace(platform, forwards=tuple(each for each in platform.forwards if each.name == METADATA_SERVICE))
    port = ports.free()
    keeper = Keeper(alone, {METADATA_SERVICE: port}, command=command)
    async with keeper.kept() as keeping:
        await keeper.wait_for(METADATA_SERVICE, keeping, within=OPEN_WITHIN)
        return await asyncio.to_thread(_rows, port, path)


def _rows(port: int, path: Pathspec) -> list[dict[str, Any]]:
    import requests

    url = f"http://{ADDRESS}:{port}/flows/{quote(path.flow, safe='')}/runs/{quote(path.run, safe='')}/metadata"
    with unanswered.translated("the metadata service"), requests.Session() as session:
        # It is on this machine: no proxy.
        session.trust_env = False
        answer = session.get(url, timeout=TIMEOUT_SECONDS)
        if answer.status_code == NOT_FOUND:
            return []
        answer.raise_for_status()
        try:
            return sorted(answer.json(), key=lambda row: row["ts_epoch"])
        except (TypeError, KeyError):
            raise ValueError("it returned something other than metadata") from None
