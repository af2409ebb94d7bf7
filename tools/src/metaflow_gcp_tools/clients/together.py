"""Asks many at the same time."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import TypeVar

Answer = TypeVar("Answer")


def together(questions: Iterable[Callable[[], Answer]]) -> Iterator[Answer]:
    """The answers in the order of the questions, all of which are asked at once."""
    yield from (answer() for answer in [asked(question) for question in questions])


def asked(question: Callable[[], Answer]) -> Callable[[], Answer]:
    """Ask now, in a thread; what is returned waits for the answer, or raises what the question raised, every time."""
    return in_a_thread(question).result


def in_a_thread(question: Callable[[], Answer]) -> Future[Answer]:
    """Every question has its own thread, so that a slow answer delays nobody else.

    They do not hold up Ctrl-C, as those of a `ThreadPoolExecutor` would.
    """
    future: Future[Answer] = Future()
    future.set_running_or_notify_cancel()

    def answer() -> None:
        try:
            future.set_result(question())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that wants the answer
            future.set_exception(error)

    threading.Thread(target=answer, daemon=True).start()
    return future
