"""The expected time of a deployment or a destruction, its critical path, and what would shorten it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from metaflow_gcp_tools.clock import durations
from metaflow_gcp_tools.clock.graph import Graph, Node
from metaflow_gcp_tools.clock.schedule import PARALLELISM, Task, Timed, Why, critical_path, schedule

_MOST = 3
"""Dependencies told by what their removal saves."""
_WORTH_TELLING = 5
"""Seconds. Less depends on the order in which Terraform happens to start what is ready."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One resource's part: seconds from the start of its stack."""

    address: str
    type: str
    start: int
    end: int
    source: str | None
    """Where its duration was read; None for an estimate."""
    critical: bool
    why: Why
    """What it waited for last: something that it needs, one of the ten turns, or another operation on its object."""


@dataclass(frozen=True, kw_only=True)
class Shortcut:
    """A dependency whose removal would shorten the whole."""

    address: str
    needs: str
    because: str
    """The attribute that refers to the other one, or `depends_on`."""
    seconds: int
    """What its removal alone saves."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One stack's part: seconds from the start of the whole."""

    stack: str
    start: int
    seconds: int
    """All of it, with `before`."""
    before: int
    """Until its first operation: Terraform installs the providers, and plans."""
    operations: list[Operation]
    critical_path: list[str]
    shortcuts: list[Shortcut]


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The stacks one after another, as the CDKTF CLI deploys stacks that depend on each other."""

    seconds: int
    estimated: int
    """How many of these seconds, on the critical path, are estimates rather than read from a source."""
    stacks: list[Stack]


def expected(
    graphs: dict[str, Graph], action: Literal["create", "delete"], *, parallelism: int = PARALLELISM
) -> Expected:
    """The time to create the resources of these stacks in this order, or to delete them in the opposite one.

    `parallelism` is Terraform's -parallelism. Raises ValueError where resources need each other in a circle.
    """
    stacks: list[Stack] = []
    before = durations.of_stack(action).seconds
    for name, graph in graphs.items() if action == "create" else reversed(graphs.items()):
        at = sum(each.seconds for each in stacks)
        stacks.append(_stack(name, graph, action, at=at, before=before, parallelism=parallelism))
    critical = [each for stack in stacks for each in stack.operations if each.critical]
    return Expected(
        seconds=sum(each.seconds for each in stacks),
        estimated=before * len(stacks) + sum(each.end - each.start for each in critical if not each.source),
        stacks=stacks,
    )


def minutes(seconds: int) -> str:
    """For a person: no more precise than the data are."""
    whole = round(seconds / 60)
    return {0: "less than a minute", 1: "about a minute"}.get(whole, f"about {whole} minutes")


def _stack(
    name: str, graph: Graph, action: Literal["create", "delete"], *, at: int, before: int, parallelism: int
) -> Stack:
    timed = schedule(_tasks(graph, action), parallelism)
    path, whole = critical_path(timed), _length(timed)

    def without(needing: str, needed: str) -> int:
        return _length(schedule(_tasks(graph, action, (needing, needed)), parallelism))

    return Stack(
        stack=name,
        start=at,
        seconds=before + whole,
        before=before,
        operations=[
            Operation(
                address=instance,
                type=node.type,
                start=before + timed[instance].start,
                end=before + timed[instance].end,
                source=durations.of_type(node.type, action, node.attributes).source,
                critical=instance in path,
                why=timed[instance].why,
            )
            for node in graph.values()
            for instance in node.instances
        ],
        critical_path=path,
        shortcuts=list(_shortcuts(graph, path, timed, without)),
    )


def _tasks(graph: Graph, action: Literal["create", "delete"], without: tuple[str, str] | None = None) -> Iterator[Task]:
    needs = {address: set(node.needs) for address, node in graph.items()}
    if without:
        needs[without[0]].discard(without[1])
    if action == "delete":
        turned: dict[str, set[str]] = {address: set() for address in graph}
        for address, others in needs.items():
            for other in others:
                turned[other].add(address)
        needs = turned
    for address, node in graph.items():
        seconds = durations.of_type(node.type, action, node.attributes).seconds
        lock = _lock(node) if seconds else None
        waits = frozenset(instance for other in needs[address] for instance in graph[other].instances)
        for instance in node.instances:
            yield Task(address=instance, seconds=seconds, needs=waits, lock=lock)


def _lock(node: Node) -> str | None:
    """What the provider does only one thing at a time with: the object that an attribute names."""
    attribute = durations.entry(node.type).get("one_at_a_time")
    value = str(node.attributes.get(attribute, "")) if attribute else ""
    # A reference to its name and one to its id mean the same object.
    reference = re.search(r"\$\{([\w-]+\.[\w-]+)", value)
    return (reference[1] if reference else value) or None


def _shortcuts(
    graph: Graph, path: Sequence[str], timed: dict[str, Timed], without: Callable[[str, str], int]
) -> Iterator[Shortcut]:
    """Each dependency on the critical path is left out in turn: whatever else is left out shortens nothing."""
    of = {instance: node.address for node in graph.values() for instance in node.instances}
    found = []
    for earlier, later in pairwise(path):
        if timed[later].why == "dependency":
            one, other = of[earlier], of[later]
            needing, needed = (other, one) if one in graph[other].needs else (one, other)
            saved = _length(timed) - without(needing, needed)
            because = graph[needing].needs[needed]
            found.append(Shortcut(address=needing, needs=needed, because=because, seconds=saved))
    worth_it = (each for each in found if each.seconds >= _WORTH_TELLING)
    yield from sorted(worth_it, key=lambda each: -each.seconds)[:_MOST]


def _length(timed: dict[str, Timed]) -> int:
    return max((each.end for each in timed.values()), default=0)
