"""Ctrl-C, the end of the terminal, and whoever stops a process politely."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def handled(handler: Callable[[signal.Signals], None]) -> Iterator[None]:
    """Call `handler` in the running loop for each of the signals.

    One that is ignored stays so: `nohup metaflow-gcp run -- ...` is to live on when the terminal goes.
    """
    loop = asyncio.get_running_loop()
    ours = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    for number in ours:
        loop.add_signal_handler(number, handler, number)
    try:
        yield
    finally:
        for number in ours:
            loop.remove_signal_handler(number)


async def until_ended(task: asyncio.Task[None]) -> None:
    """Wait for the task, and cancel it, once, when one of the signals comes. To be cancelled is a good end."""

    def end(_signal: signal.Signals) -> None:
        if not task.cancelling():
            task.cancel()

    with handled(end):
        try:
            await task
        except asyncio.CancelledError:
            if not task.cancelled():
                raise
