"""Finding values by path.

A dotted path names an attribute of every element of the lists on its way: `settings.ip_configuration.ipv4_enabled`.
"""

from collections.abc import Iterator

from rehearsal.protocol.errors import Path
from rehearsal.protocol.values import UNKNOWN, Value


def find(value: Value, dotted: str) -> Iterator[tuple[Path, Value]]:
    """Every place the dotted path leads to and what is there.

    Where a block on the way is unknown, the unknown is what is found.
    """
    yield from _find(value, tuple(dotted.split(".")), ())


def _find(value: Value, rest: tuple[str, ...], path: Path) -> Iterator[tuple[Path, Value]]:
    if isinstance(value, list) and rest:
        for index, element in enumerate(value):
            yield from _find(element, rest[1:] if rest[0] == str(index) else rest, (*path, index))
    elif not rest or value is UNKNOWN:
        yield path, value
    elif isinstance(value, dict):
        yield from _find(value.get(rest[0]), rest[1:], (*path, rest[0]))


def first(value: Value, dotted: str, default: Value = None) -> Value:
    """What the dotted path leads to first, or the default where it leads to nothing or to null."""
    return next((found for _, found in find(value, dotted) if found is not None), default)


def strings(value: Value, dotted: str) -> Iterator[tuple[Path, str]]:
    """Every known string the dotted path leads to; on a list, its elements."""
    for path, found in find(value, dotted):
        for each in found if isinstance(found, list) else [found]:
            if isinstance(each, str) and each:
                yield path, each
