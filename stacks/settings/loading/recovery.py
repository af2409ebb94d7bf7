"""What pydantic finds wrong (missing, unknown and ill-typed keys), said as every other problem is.

pydantic stops at those. Here they are replaced by stand-ins, so that everything else is checked along with them.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from metaflow_gcp.checks import Problem
from stacks.settings.loading import keys, sources

_Model = TypeVar("_Model", bound=BaseModel)

_UNKNOWN = "${unknown}"
"""Stands in for a text that is wrong or missing. It looks as Terraform's references do: every check passes over it."""

_CONSEQUENCE = "default_factory_not_called"
"""pydantic's word for: this key has no problem, but its default follows from one that has."""


@dataclass(frozen=True, kw_only=True)
class Built(Generic[_Model]):
    settings: _Model
    """With stand-ins for what is wrong."""
    problems: tuple[Problem, ...]
    """What is wrong."""
    stand_ins: tuple[str, ...] = ()
    """The keys that have one: what else is said about them is not about what the person wrote."""

    def is_about_a_stand_in(self, problem: Problem) -> bool:
        return any(keys.is_within(problem.where, key) for key in self.stand_ins)


def build(model: type[BaseModel], given: dict[str, Any], handler: Callable[[Any], _Model]) -> Built[_Model]:
    """Build the model whatever is wrong."""
    problems = [*_expressions(given), *_booleans(model, given)]
    said = [problem.where for problem in problems]
    try:
        return Built(settings=handler(given), problems=tuple(problems), stand_ins=tuple(said))
    except ValidationError as error:
        details = [one for one in error.errors(include_url=False) if one["type"] != _CONSEQUENCE]
    problems += [_problem(model, one) for one in details if keys.written(one["loc"]) not in said]
    mended = deepcopy(given)
    stand_ins = [keys.written(key) for key in (_mend(model, mended, one) for one in details) if key]
    return Built(settings=handler(mended), problems=tuple(problems), stand_ins=(*said, *stand_ins))


def _expressions(given: dict[str, Any]) -> Iterator[Problem]:
    """Terraform would evaluate these in the configuration, and our own checks take them for references."""
    for key, text in keys.leaves(given):
        if isinstance(text, str) and any(start in text for start in ("${", "%{", "#{")):
            yield Problem(
                where=keys.written(key),
                wrong=f"{text!r} holds a Terraform expression, which is not evaluated here",
                allowed="plain text without ${, %{ and #{",
                fix="write the value itself",
            )


def _booleans(model: type[BaseModel], given: dict[str, Any]) -> Iterator[Problem]:
    """Python, and so pydantic, takes `true` for 1."""
    for key, value in keys.leaves(given):
        if isinstance(value, bool) and keys.is_number(model, key):
            kind, allowed = keys.meaning(model, key)
            where = keys.written(key)
            yield Problem(
                where=where, wrong=f"{keys.shown(value)} is not {kind}", allowed=allowed, fix=f"correct {where}"
            )


def _problem(model: type[BaseModel], error: ErrorDetails) -> Problem:
    key = error["loc"]
    where = keys.written(key)
    kind, allowed = keys.meaning(model, key)
    shown = keys.shown(error["input"])
    match error["type"]:
        case "missing":
            fix = f"add {where} to {sources.file_name()}"
            if len(key) == 1:
                fix += f", or set {sources.PREFIX}{where.upper()}"
            return Problem(where=where, wrong="is missing", allowed=allowed, fix=fix)
        case "extra_forbidden" | "unexpected_keyword_argument":
            return _unknown(model, key, shown)
        case "greater_than_equal" | "less_than_equal":
            return Problem(where=where, wrong=f"{shown} is out of range", allowed=allowed, fix=f"set {where} within it")
        case "literal_error":
            words = {word.upper(): word for word in keys.choices(model, key)}
            near = get_close_matches(str(error["input"]).upper(), words, 1)
            fix = f'did you mean "{words[near[0]]}"?' if near else f"set {where} to one of these"
            return Problem(where=where, wrong=f"{shown} is not known", allowed=allowed, fix=fix)
    variable = sources.variable_for(where)
    fix = f"write it as JSON in {variable}" if variable and kind in {"a list", "a table"} else f"correct {where}"
    return Problem(where=where, wrong=f"{shown} is not {kind}", allowed=allowed, fix=fix)


def _unknown(model: type[BaseModel], key: tuple[str | int, ...], shown: str) -> Problem:
    *table, name = key
    beside = keys.names_in(model, tuple(table))
    elsewhere = [path for path in keys.paths(model) if path.split(".")[-1] == name]
    near = [keys.written((*table, other)) for other in get_close_matches(str(name), beside, 1)]
    meant = elsewhere or near
    fix = f"did you mean {' or '.join(meant)}?" if meant else "remove it"
    return Problem(
        where=keys.written(key),
        wrong=f"there is no such key (its value is {shown})",
        allowed=", ".join(beside),
        fix=fix,
    )


def _mend(model: type[BaseModel], given: dict[str, Any], error: ErrorDetails) -> keys.Key:
    """Put a stand-in where there can be one, else take the value away: the default stands in. Answers with its key."""
    key = error["loc"]
    text = keys.is_text(model, key)
    if isinstance(key[-1], int) and not text:
        key = key[:-1]  # without one entry the others would change their places: the whole list goes
    *path, last = key
    table: Any = given
    for part in path:
        if not isinstance(part, int) and part not in table:
            return ()  # it went with an earlier one
        table = table[part]
    if error["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
        del table[last]
        return ()
    if text:
        table[last] = _UNKNOWN
    else:
        table.pop(last, None)
    return key
