"""When each operation starts and ends: as Terraform walks its graph, ten at a time."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

PARALLELISM = 10
"""Terraform's -parallelism, which the CDKTF CLI leaves as it is."""

Why = Literal["dependency", "turn", "lock"]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One operation."""

    address: str
    seconds: int
    needs: frozenset[str] = frozenset()
    lock: str | None = None
    """The provider does one operation at a time on what this names."""


@dataclass(frozen=True, kw_only=True)
class Timed:
    """When an operation starts and ends, in seconds, and what it was waiting for last."""

    start: int
    end: int
    after: str | None = None
    why: Why = "dependency"
    """`turn`: ten others ran. `lock`: the provider was at work on the same object for `after`."""


def schedule(tasks: Iterable[Task], parallelism: int = PARALLELISM) -> dict[str, Timed]:
    """Each operation starts as soon as what it needs is there and one of the ten turns is free.

    Raises ValueError where operations need each other in a circle: Terraform refuses such a graph.
    """
    waiting = {task.address: task for task in tasks}
    order = {address: number for number, address in enumerate(waiting)}
    left = {address: set(task.needs & waiting.keys()) for address, task in waiting.items()}
    ready = [order[address] for address in waiting if not left[address]]
    heapq.heapify(ready)
    names = list(waiting)
    last_need: dict[str, str] = {}
    locks: dict[str, tuple[int, str]] = {}
    running: list[tuple[int, int]] = []
    timed: dict[str, Timed] = {}
    now, freed = 0, None
    since = dict.fromkeys((names[number] for number in ready), 0)
    while ready or running:
        while ready and len(running) < parallelism:
            address = names[heapq.heappop(ready)]
            task = waiting[address]
            start, after = now, last_need.get(address)
            why: Why = "dependency"
            if now > since[address]:
                after, why = freed, "turn"
            if task.lock and locks.get(task.lock, (0, ""))[0] > start:
                (start, after), why = locks[task.lock], "lock"
            timed[address] = Timed(start=start, end=start + task.seconds, after=after, why=why)
            if task.lock:
                locks[task.lock] = (start + task.seconds, address)
            heapq.heappush(running, (start + task.seconds, order[address]))
        now, number = heapq.heappop(running)
        freed = names[number]
        for other, needs in left.items():
            if freed in needs:
                needs.discard(freed)
                if not needs:
                    last_need[other], since[other] = freed, now
                    heapq.heappush(ready, order[other])
    if len(timed) < len(waiting):
        raise ValueError(f"these need each other in a circle: {', '.join(sorted(waiting.keys() - timed.keys()))}")
    return timed


def critical_path(timed: dict[str, Timed]) -> list[str]:
    """From the operation that ends last back through what each was waiting for, told forwards."""
    path: list[str] = []
    at = max(timed, key=lambda address: timed[address].end, default=None)
    while at is not None:
        path.insert(0, at)
        at = timed[at].after
    return path
