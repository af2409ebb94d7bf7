"""The checks providers make in code before anything is planned. What is not known yet is never judged."""

import re
from collections.abc import Iterator
from typing import Any

from rehearsal.protocol import formats
from rehearsal.protocol.errors import Path, Problem
from rehearsal.protocol.schema import Schema
from rehearsal.protocol.values import UNKNOWN, Value, given
from rehearsal.protocol.walk import find


def validate(schema: Schema, config: Value) -> list[Problem]:
    """What is wrong with the configuration of one resource, data source or provider."""
    problems: list[Problem] = []
    for dotted, constraint in schema.constraints.items():
        if not (constraint.keys() - {"force_new", "default", "computed_block", "suppress", "replace_if"}):
            continue
        for path, value in find(config, dotted):
            if value is UNKNOWN:
                continue
            if given(value):
                problems.extend(_value(path, value, constraint))
                if "format" in constraint:
                    problems.extend(formats.check(path, value, constraint["format"]))
            problems.extend(_together(config, dotted, path, value, constraint))
    return problems


def _value(path: Path, value: Value, constraint: dict[str, Any]) -> Iterator[Problem]:
    name = ".".join(str(step) for step in path)
    for each in value if isinstance(value, list) else value.values() if isinstance(value, dict) else [value]:
        if each is UNKNOWN or each is None or isinstance(each, dict | list):
            continue
        if "one_of" in constraint and each not in constraint["one_of"]:
            allowed = ", ".join(
                f'"{choice}"' if isinstance(choice, str) else str(choice) for choice in constraint["one_of"]
            )
            yield Problem(summary=f"expected {name} to be one of [{allowed}], got {each}", path=path)
        if "regexp" in constraint and isinstance(each, str) and not re.search(constraint["regexp"], each):
            yield Problem(
                summary=f'invalid value for {name}: "{each}" does not match regexp "{constraint["regexp"]}"', path=path
            )
        number = isinstance(each, int | float) and not isinstance(each, bool)
        if number and not constraint.get("min", each) <= each <= constraint.get("max", each):
            limits = f"{constraint.get('min', 'any')} - {constraint.get('max', 'any')}"
            yield Problem(summary=f"expected {name} to be in the range ({limits}), got {each}", path=path)
        if isinstance(each, str):
            shortest, longest = constraint.get("min_length", 0), constraint.get("max_length", len(each))
            if not shortest <= len(each) <= longest:
                yield Problem(
                    summary=f"expected length of {name} to be in the range ({shortest} - {longest}), got {each}",
                    path=path,
                )


def _together(config: Value, dotted: str, path: Path, value: Value, constraint: dict[str, Any]) -> Iterator[Problem]:
    def state(other: str) -> bool | None:
        """Whether another attribute is set; None when that is not known yet."""
        found = [each for _, each in find(config, other)]
        return (
            True if any(each is not UNKNOWN and given(each) for each in found) else None if UNKNOWN in found else False
        )

    name = ".".join(str(step) for step in path)
    if given(value):
        for other in constraint.get("conflicts_with", []):
            if _plain(other) != dotted and state(other):
                yield Problem(
                    summary="Conflicting configuration arguments", detail=f'"{name}": conflicts with {other}', path=path
                )
        missing = [other for other in constraint.get("required_with", []) if state(other) is False]
        if missing:
            needed = ",".join(constraint["required_with"])
            yield Problem(
                summary="Missing required argument", detail=f'"{name}": all of `{needed}` must be specified', path=path
            )
    for rule, summary in (
        ("exactly_one_of", "Invalid combination of arguments"),
        ("at_least_one_of", "Missing required argument"),
    ):
        others = constraint.get(rule, [])
        # Each member of the group carries the same rule: only the first speaks for it.
        if not others or _plain(others[0]) != dotted:
            continue
        states = [state(other) for other in others]
        listed = ",".join(others)
        if states.count(True) == 0 and None not in states:
            one = "one" if rule == "exactly_one_of" else "at least one"
            yield Problem(summary=summary, detail=f'"{name}": {one} of `{listed}` must be specified', path=path)
        if rule == "exactly_one_of" and states.count(True) > 1:
            chosen = ",".join(other for other, is_set in zip(others, states, strict=True) if is_set)
            yield Problem(
                summary=summary,
                detail=f'"{name}": only one of `{listed}` can be specified, but `{chosen}` were specified.',
                path=path,
            )


def _plain(dotted: str) -> str:
    return ".".join(step for step in dotted.split(".") if not step.isdigit())
