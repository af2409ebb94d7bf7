"""The keys of the settings: how they are written, what each takes, which there are."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from metaflow_gcp.choices import bare, bounds

Key = tuple[str | int, ...]

_LONGEST_SHOWN = 120
_MAPS = (dict, Mapping)
_NAME = "<name>"
"""Stands for the names that people give to the entries of a map."""


def written(key: Key) -> str:
    """As people write it: `task_pools.cpu.taints[0].key`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key).removeprefix(".")


def is_within(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))


def shown(value: Any) -> str:
    """A value as TOML has it, more or less."""
    text = repr(value) if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def leaves(value: Any, key: Key = ()) -> Iterator[tuple[Key, Any]]:
    """Everything in there that is neither a table nor a list, and the names of keys, each with its own key."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*key, name), name
            yield from leaves(inner, (*key, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*key, index))
    else:
        yield key, value


@cache
def keys_of(table: Any) -> dict[str, Any]:
    """Key -> its type, of a model or a dataclass; nothing of what is no table."""
    if not isinstance(table, type) or not (issubclass(table, BaseModel) or is_dataclass(table)):
        return {}
    names = table.model_fields if issubclass(table, BaseModel) else [field.name for field in fields(table)]
    hints = get_type_hints(table, include_extras=True)
    return {name: hints[name] for name in names}


def table_in(hint: Any) -> tuple[Any, bool]:
    """The table that a key holds, or None; and whether it holds many of them, by name."""
    annotation, _ = bare(hint)
    by_name = get_origin(annotation) in _MAPS
    if by_name or get_origin(annotation) is tuple:
        annotation, _ = bare(get_args(annotation)[1 if by_name else 0])
    return annotation if keys_of(annotation) else None, by_name


def tables(table: Any) -> Iterator[Any]:
    """This table, and every one in it."""
    yield table
    for hint in keys_of(table).values():
        if inner := table_in(hint)[0]:
            yield from tables(inner)


def paths(table: Any, around: str = "") -> Iterator[str]:
    """Every key there is: `backend`, `backend.type`, ..., `task_pools.<name>.labels`."""
    for name, hint in keys_of(table).items():
        path = f"{around}{name}"
        yield path
        inner, by_name = table_in(hint)
        yield from paths(inner, f"{path}.{_NAME}." if by_name else f"{path}.")


def names_in(model: Any, table: Key) -> list[str]:
    return list(keys_of(_find(model, table)[0]))


def choices(model: Any, key: Key) -> tuple[str, ...]:
    annotation, _ = _find(model, key)
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def is_text(model: Any, key: Key) -> bool:
    return _find(model, key)[0] is str


def is_number(model: Any, key: Key) -> bool:
    return _find(model, key)[0] is int


def meaning(model: Any, key: Key) -> tuple[str, str]:
    """What a key takes: in a word, and in full."""
    annotation, metadata = _find(model, key)
    if annotation is str:
        return "a text", "a text in quotes"
    if annotation is bool:
        return "true or false", "true or false"
    if annotation is int:
        return "a whole number", f"a whole number{_span(metadata)}"
    if words := choices(model, key):
        return "one of the words", ", ".join(words)
    if get_origin(annotation) is tuple:
        return "a list", "a list in [ ]"
    return "a table", "a table of keys and values"


def _span(metadata: tuple[Any, ...]) -> str:
    low, high = bounds(metadata)
    if low is None:
        return ""
    return f", {low} or more" if high is None else f" from {low} to {high}"


def _find(model: Any, key: Key) -> tuple[Any, tuple[Any, ...]]:
    """The type of a key, and what it is annotated with."""
    annotation, metadata = model, ()
    for part in key:
        if table := keys_of(annotation):
            annotation, metadata = bare(table.get(str(part)))
        else:
            inner = get_args(annotation)
            annotation, metadata = bare(inner[-1 if get_origin(annotation) in _MAPS else 0]) if inner else (None, ())
    return annotation, metadata
