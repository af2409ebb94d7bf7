"""The user interface in a browser: `metaflow-gcp forward --open`."""

import threading
import webbrowser
from collections.abc import Iterable

from metaflow_gcp_tools.commands.forward.status import State, Status

UI = "metaflow-ui"
"""The forward's name."""

PATIENCE_SECONDS = 5.0
"""A browser may take its time, or, on a terminal, all of it: the forwards go on meanwhile."""


class Page:
    """Opened once, as soon as it is reachable."""

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted

    def changed(self, status: Status) -> threading.Thread | None:
        """The browser's start, where this is what it waited for."""
        if not self._wanted or status.name != UI or status.state != State.OPEN:
            return None
        self._wanted = False
        thread = threading.Thread(target=webbrowser.open, args=(status.url,), daemon=True)
        thread.start()
        return thread

    def show(self, statuses: Iterable[Status]) -> None:
        """If it is reachable: before this process ends."""
        for status in statuses:
            if starting := self.changed(status):
                starting.join(PATIENCE_SECONDS)
