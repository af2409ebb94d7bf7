"""Forwards on this terminal, until Ctrl-C."""

import asyncio
from collections.abc import Mapping

from metaflow_gcp_tools.commands.forward.endings import until_ended
from metaflow_gcp_tools.commands.forward.keeper import Keeper
from metaflow_gcp_tools.commands.forward.page import Page
from metaflow_gcp_tools.commands.forward.records import Record
from metaflow_gcp_tools.commands.forward.show import Board
from metaflow_gcp_tools.commands.forward.status import Status
from metaflow_gcp_tools.platform.description import Platform


def keep(platform: Platform, chosen: Mapping[str, int], board: Board, page: Page) -> Record:
    """Keep them open, and show how they are; what was kept."""
    return asyncio.run(_keep(platform, chosen, board, page))


async def _keep(platform: Platform, chosen: Mapping[str, int], board: Board, page: Page) -> Record:
    def changed(status: Status) -> None:
        page.changed(status)
        try:
            board.show(status, keeper.record.forwards)
        except SystemExit:
            # rich's word for: nobody reads it any more, as with `| head`.
            task.cancel()

    keeper = Keeper(platform, chosen, command="forward", changed=changed)
    task = asyncio.create_task(keeper.keep())
    with board.shown():
        await until_ended(task)
    return keeper.record
