"""What a person chooses about a construct, said once.

Beside each construct stands a frozen dataclass of its choices: of each the type, the bounds
(`Annotated[int, Ge(1), Le(365)]`), the default and a text, and `check` for what must fit together. The construct's
properties inherit it and add what the construct is wired to; settings take it as a table as it is. Needs no Node.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, Unit

from metaflow_gcp.checks import Checks, is_token

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def check_each(checks: Checks, choices: "DataclassInstance") -> None:
    """Add every choice that is beyond its bounds, or none of its words."""
    for name, (annotation, metadata, _) in _declared(type(choices)).items():
        value = getattr(choices, name)
        if value is None or is_token(value):
            continue
        if get_origin(annotation) is Literal:
            checks.one_of(name, value, get_args(annotation))
        low, high = bounds(metadata)
        if low is not None:
            unit = next((unit.unit for unit in metadata if isinstance(unit, Unit)), "")
            checks.between(name, value, low, high, unit)


def chosen(choices: "DataclassInstance", kind: "type[DataclassInstance]") -> dict[str, Any]:
    """What `choices` say about a `kind`, by name: for properties that inherit it."""
    return {each.name: getattr(choices, each.name) for each in fields(kind)}


def check_types(properties: "DataclassInstance") -> None:
    """Raise `InvalidProperties` with every property that is of another type than declared.

    Before the rules: `zones="us-west1-a"` is one mistake there, and one for each letter in a rule about zones.
    """
    checks = Checks()
    for name, (annotation, _, optional) in _declared(type(properties)).items():
        value = getattr(properties, name)
        if is_token(value) or (value is None and optional):
            continue
        if allowed := _expected(value, annotation):
            checks.add(name, wrong=f"{value!r} is a {type(value).__name__}", allowed=allowed, fix=f"change {name}")
    checks.raise_if_any(type(properties).__name__.removesuffix("Props"))


_PLAIN: dict[Any, tuple[tuple[type, ...], str]] = {
    str: ((str,), "a text"),
    Literal: ((str,), "a text"),
    bool: ((bool,), "True or False"),
    int: ((int, float), "a number"),
    float: ((int, float), "a number"),
    tuple: ((tuple, list), "a tuple"),
    Sequence: ((tuple, list), "a tuple"),
    Mapping: ((Mapping,), "a dict"),
}
"""What stands for a type; CDKTF's numbers that are known later are floats."""


def _expected(value: object, annotation: Any) -> str | None:
    """What is allowed instead, where the value is of another type."""
    kind = get_origin(annotation) or annotation
    if kind in _PLAIN:
        kinds, allowed = _PLAIN[kind]
        fits = isinstance(value, kinds) and (kind is bool or not isinstance(value, bool))
    elif getattr(kind, "_is_protocol", False):
        missing = [name for name in vars(kind) if not name.startswith("_") and not hasattr(value, name)]
        allowed, fits = f"a {kind.__name__}: what has {', '.join(missing)}", not missing
    else:
        allowed, fits = f"a {getattr(kind, '__name__', kind)}", not isinstance(kind, type) or isinstance(value, kind)
    return None if fits else allowed


@cache
def _declared(kind: type) -> dict[str, tuple[Any, tuple[Any, ...], bool]]:
    """A choice's name -> its type without `| None`, what it is annotated with, and whether it may be None."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: (*bare(hint), _may_be_none(hint)) for name, hint in hints.items()}


def _may_be_none(hint: Any) -> bool:
    return type(None) in get_args(hint)


def bounds(metadata: tuple[Any, ...]) -> tuple[Any, Any]:
    """The least and the most that a number is annotated with, each None where there is no such bound."""
    low = next((bound.ge for bound in metadata if isinstance(bound, Ge)), None)
    high = next((bound.le for bound in metadata if isinstance(bound, Le)), None)
    return low, high


def bare(hint: Any, metadata: tuple[Any, ...] = ()) -> tuple[Any, tuple[Any, ...]]:
    """A type without `| None`, and what it is annotated with."""
    if get_origin(hint) is Annotated:
        inner, *further = get_args(hint)
        return bare(inner, (*metadata, *further))
    if get_origin(hint) in (Union, UnionType):
        return bare(next(each for each in get_args(hint) if each is not type(None)), metadata)
    return hint, metadata
