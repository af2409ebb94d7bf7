"""Let Node load assemblies while Python goes on importing.

jsii waits for Node to start and to load each assembly, and then Python builds the assembly's classes. Neither needs
the other, so here a thread waits instead: whatever is asked of Node next comes after the loads that are under way,
and says what was wrong with them.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class BackgroundLoads:
    """A provider of jsii's kernel in front of its own one."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider
        # One: requests and answers are a line each, in their order.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="jsii-loads")
        self._under_way: list[Future[None]] = []

    def load(self, request: Any) -> None:
        self._under_way.append(self._thread.submit(self._provider.load, request))

    def __getattr__(self, name: str) -> Any:
        while self._under_way:
            self._under_way.pop(0).result()
        return getattr(self._provider, name)
