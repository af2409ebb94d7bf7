"""Differences that a provider does not count as any: its DiffSuppressFuncs.

Which attributes have one, and which of these functions it is, stands in `schemas/hooks.json`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rehearsal.cloud.kubernetes import quantities
from rehearsal.protocol.schema import Schema
from rehearsal.protocol.values import UNKNOWN, Value

State = dict[str, Value]

SAME: dict[str, Callable[[str, str], bool]] = {"quantity": quantities.same}
"""Name -> whether the old value will do in place of the new one."""


def suppressed(schema: Schema, planned: State, prior: State | None) -> State:
    """The planned state with the old value wherever the provider takes it for the same."""
    if prior is None:
        return planned
    for dotted, constraint in schema.constraints.items():
        if "suppress" in constraint:
            planned = _kept(planned, prior, tuple(dotted.split(".")), SAME[constraint["suppress"]])
    return planned


def _kept(planned: Value, prior: Value, rest: tuple[str, ...], same: Callable[[str, str], bool]) -> Any:
    if isinstance(planned, list) and isinstance(prior, list):
        pairs = zip(planned, prior, strict=False)
        return [_kept(new, old, rest, same) for new, old in pairs] + planned[len(prior) :]
    if not isinstance(planned, dict) or not isinstance(prior, dict):
        return prior if isinstance(planned, str) and isinstance(prior, str) and same(prior, planned) else planned
    if rest:
        name = rest[0]
        return {**planned, name: _kept(planned.get(name), prior.get(name), rest[1:], same)}
    # A map is compared value by value.
    return {key: _kept(new, prior.get(key, UNKNOWN), (), same) for key, new in planned.items()}
