"""A change by hand in the cloud, which the next run puts right by an update in place."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from rehearsal.cloud.model import Cloud, Object
from rehearsal.protocol.plan import replacements
from rehearsal.protocol.schema import Block, Schema
from rehearsal.protocol.values import Dynamic

Steps = tuple[str | int, ...]


def drift(cloud: Cloud, schema: Schema, state: dict[str, Any], written: dict[str, Any]) -> Iterator[str]:
    """Changes what is written of an object, one attribute at a time: the caller takes the first that does.

    Yields the attribute's path; the object is as it was before each change.
    """
    found = _object(cloud, state)
    if found is None:
        return
    for steps, changed in _changes(schema.block, state, written, ()):
        after = deepcopy(found.state)
        _put(after, steps, changed)
        if replacements(schema, after, state):
            continue
        cloud.put(found.key, after)
        yield ".".join(map(str, steps))
        cloud.put(found.key, found.state)


def _object(cloud: Cloud, state: dict[str, Any]) -> Object | None:
    return next((each for each in cloud.all() if each.state == state), None)


def _changes(block: Block, state: Any, written: Any, path: Steps) -> Iterator[tuple[Steps, Any]]:
    """What is written, and can be otherwise; maps and texts that mean nothing first."""
    names = sorted(written, key=lambda name: ("label" not in name and "annotation" not in name, name != "description"))
    for name in names:
        if name in block.blocks:
            inner, has = written[name], state.get(name)
            first = inner[0] if isinstance(inner, list) and inner else inner
            if isinstance(has, list) and has and isinstance(first, dict) and isinstance(has[0], dict):
                yield from _changes(block.blocks[name].block, has[0], first, (*path, name, 0))
        elif name in block.attributes and not block.attributes[name].write_only:
            changed = _otherwise(state.get(name))
            if changed is not None:
                yield (*path, name), changed


def _otherwise(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return f"{value}-changed"
    if isinstance(value, Dynamic):
        return None
    if isinstance(value, dict):
        return {**value, "changed": "by-hand"}
    return [*value, "changed"] if isinstance(value, list) and all(isinstance(each, str) for each in value) else None


def _put(state: Any, steps: Steps, value: Any) -> None:
    *way, last = steps
    for step in way:
        state = state[step]
    state[last] = value
