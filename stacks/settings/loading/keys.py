"""The keys of the settings: how they are written, what each takes, which there are."""

import json
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

Key = tuple[str | int, ...]

_LONGEST_SHOWN = 120
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


def texts(value: Any, key: Key = ()) -> Iterator[tuple[Key, str]]:
    """Every text in there, names of keys included."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield (*key, name), name
            yield from texts(inner, (*key, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts(inner, (*key, index))


def paths(model: type[BaseModel], around: str = "") -> Iterator[str]:
    """Every key there is: `backend`, `backend.type`, ..., `task_pools.<name>.labels`."""
    for name, field in model.model_fields.items():
        path = f"{around}{name}"
        yield path
        annotation = _bare(field.annotation)
        if get_origin(annotation) is dict:
            annotation, path = _bare(get_args(annotation)[1]), f"{path}.{_NAME}"
        elif get_origin(annotation) is tuple:
            annotation = _bare(get_args(annotation)[0])
        if _is_model(annotation):
            yield from paths(annotation, f"{path}.")


def names_in(model: type[BaseModel], table: Key) -> list[str]:
    annotation, _ = _find(model, table)
    return list(annotation.model_fields) if _is_model(annotation) else []


def choices(model: type[BaseModel], key: Key) -> tuple[str, ...]:
    annotation, _ = _find(model, key)
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def is_text(model: type[BaseModel], key: Key) -> bool:
    return _find(model, key)[0] is str


def meaning(model: type[BaseModel], key: Key) -> tuple[str, str]:
    """What a key takes: in a word, and in full."""
    annotation, field = _find(model, key)
    if annotation is str:
        return "a text", "a text in quotes"
    if annotation is bool:
        return "true or false", "true or false"
    if annotation is int:
        return "a whole number", f"a whole number{_span(field)}"
    if words := choices(model, key):
        return "one of the words", ", ".join(words)
    if get_origin(annotation) is tuple:
        return "a list", "a list in [ ]"
    return "a table", "a table of keys and values"


def _span(field: FieldInfo | None) -> str:
    metadata = _metadata(field)
    low = next((bound.ge for bound in metadata if isinstance(bound, Ge)), None)
    high = next((bound.le for bound in metadata if isinstance(bound, Le)), None)
    if low is None:
        return ""
    return f", {low} or more" if high is None else f" from {low} to {high}"


def _metadata(field: FieldInfo | None) -> list[Any]:
    return [] if field is None else field.metadata


def _find(model: type[BaseModel], key: Key) -> tuple[Any, FieldInfo | None]:
    """The type of a key, and its field unless it is an entry of a map or a list."""
    annotation: Any = model
    field: FieldInfo | None = None
    for part in key:
        if _is_model(annotation):
            field = annotation.model_fields.get(part)
            annotation = None if field is None else _bare(field.annotation)
        else:
            inner = get_args(annotation)
            field, annotation = None, _bare(inner[-1 if get_origin(annotation) is dict else 0]) if inner else None
    return annotation, field


def _bare(annotation: Any) -> Any:
    """Without `| None` and without what is annotated."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(inner for inner in get_args(annotation) if inner is not type(None))
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
