"""What a person chooses about a construct, said once.

Beside each construct stands a frozen dataclass of its choices: of each the type, the bounds
(`Annotated[int, Ge(1), Le(365)]`), the default and a text, and `check` for what must fit together. The construct's
properties inherit it and add what the construct is wired to; settings take it as a table as it is. Needs no Node.
"""

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
    for name, (annotation, metadata, _) in declared(choices).items():
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


def declared(choices: object) -> dict[str, tuple[Any, tuple[Any, ...], bool]]:
    """A choice's name -> its type without `| None`, what it is annotated with, and whether it may be None."""
    kind: type = type(choices)
    return _declared(kind)


@cache
def _declared(kind: type) -> dict[str, tuple[Any, tuple[Any, ...], bool]]:
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
