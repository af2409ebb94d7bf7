"""Asks many at the same time."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import TypeVar

Answer = TypeVar("Answer")


def together(questions: Iterable[Callable[[], Answer]]) -> Iterator[Answer]:
    """The answers in the order of the questions, all of which are asked at once.

    A thread that waits for an answer does not hold up Ctrl-C, as those of a `ThreadPoolExecutor` would.
    """
    yield from (future.result() for future in [_asked(question) for question in questions])


def _asked(question: Callable[[], Answer]) -> "Future[Answer]":
    asked: Future[Answer] = Future()

    def answer() -> None:
        try:
            asked.set_result(question())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that wants the answer
            asked.set_exception(error)

    threading.Thread(target=answer, daemon=True).start()
    return asked
