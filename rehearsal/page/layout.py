"""Where the resources of a stack stand in its picture: in columns, each to the right of all that it needs."""

from dataclasses import dataclass

Needs = dict[str, dict[str, str]]
"""Resource -> what it needs -> why."""

_BESIDE = 4
"""Columns for resources that do not wait for each other."""
_ROUNDS = 4
"""Of sorting a column by where its neighbours stand: more does not help."""


@dataclass(frozen=True)
class Layout:
    columns: list[list[str]]
    edges: list[tuple[str, str]]
    """(what is needed, who needs it), without those that go through another one anyway."""


def layout(needs: Needs) -> Layout:
    """Raises RecursionError for what needs itself: there is no such deployment."""
    depth: dict[str, int] = {}

    def deep(address: str) -> int:
        if address not in depth:
            depth[address] = 1 + max((deep(other) for other in needs[address] if other in needs), default=-1)
        return depth[address]

    for address in needs:
        deep(address)
    edges = [(other, address) for address in needs for other in sorted(_nearest(address, needs))]
    columns: list[list[str]] = [[] for _ in range(1 + max(depth.values(), default=-1))]
    for address in needs:
        columns[depth[address]].append(address)
    _untangle(columns, edges)
    if len(columns) == 1:
        # Where nothing waits for anything, side by side is as good as below each other.
        [column] = columns
        columns = [column[at::_BESIDE] for at in range(min(_BESIDE, len(column)))]
    return Layout(columns, edges)


def _nearest(address: str, needs: Needs) -> set[str]:
    """What it needs, but for what one of those needs."""
    direct = {other for other in needs[address] if other in needs}
    further: set[str] = set()
    left = list(direct)
    while left:
        for other in needs[left.pop()]:
            if other in needs and other not in further:
                further.add(other)
                left.append(other)
    return direct - further


def _untangle(columns: list[list[str]], edges: list[tuple[str, str]]) -> None:
    """Sorts each column by the middle of its neighbours, from left to right and back."""
    beside: dict[str, list[str]] = {}
    for one, other in edges:
        beside.setdefault(one, []).append(other)
        beside.setdefault(other, []).append(one)
    for turn in range(_ROUNDS):
        place = {address: number / len(column) for column in columns for number, address in enumerate(column)}
        for column in columns if turn % 2 == 0 else reversed(columns):
            middle = {
                address: sum(place[other] for other in beside[address]) / len(beside[address])
                if address in beside
                else place[address]
                for address in column
            }
            column.sort(key=lambda address: middle[address])
            place.update({address: number / len(column) for number, address in enumerate(column)})
