"""What a state holds after apply where the plan held unknowns."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rehearsal.protocol.errors import Path
from rehearsal.protocol.schema import Attribute, Block, NestedBlock, Schema
from rehearsal.protocol.values import UNKNOWN, Dynamic, Value

Invent = Callable[[Path, Attribute, dict[str, Any]], Value]
"""Makes up the value of a computed attribute nobody said anything about, from its path, its schema and its "
"constraint."""


def zero(type_: Any) -> Value:
    """The empty value of a type."""
    if isinstance(type_, list):
        return None if type_[0] == "object" else {} if type_[0] == "map" else []
    return {"string": "", "number": 0, "bool": False}.get(type_)


def fill(
    schema: Schema,
    state: dict[str, Value],
    facts: dict[str, Value],
    invent: Invent = lambda path, attribute, constraint: zero(attribute.type),
) -> dict[str, Value]:
    """Replaces every unknown of a planned state: by the facts where they name it, else by something invented.

    The facts are a nested dict of the same shape that may leave out whatever it knows nothing about; a planned
    value that is known always stays.
    """
    return _Filling(schema, invent).block(schema.block, state, facts, ())


@dataclass(frozen=True)
class _Filling:
    schema: Schema
    invent: Invent

    def block(self, of: Block, state: Value, facts: Value, path: Path) -> dict[str, Value]:
        facts = facts if isinstance(facts, dict) else {}
        filled: dict[str, Value] = {}
        for name, attribute in of.attributes.items():
            here = (*path, name)
            planned = state.get(name, UNKNOWN if attribute.computed else None)
            if attribute.nested and isinstance(planned, dict | list):
                filled[name] = self.elements(attribute.nested, planned, facts.get(name), here)
            elif planned is not UNKNOWN:
                filled[name] = _inner(planned, attribute.type)
            elif name in facts:
                filled[name] = _fitted(facts[name], attribute.type)
            else:
                filled[name] = self.invent(here, attribute, _constraint(self.schema, here))
        for name, nested in of.blocks.items():
            planned = state.get(name, UNKNOWN)
            if planned is UNKNOWN or (planned is None and nested.nesting != "single"):
                planned = facts.get(name, nested.empty)
            filled[name] = self.elements(nested, planned, facts.get(name), (*path, name))
        return filled

    def elements(self, nested: NestedBlock, state: Value, facts: Value, path: Path) -> Value:
        if isinstance(state, list):
            known = dict(enumerate(facts)) if isinstance(facts, list) else {}
            return [
                self.block(nested.block, {} if each is UNKNOWN else each, known.get(i), (*path, i))
                for i, each in enumerate(state)
            ]
        if isinstance(state, dict) and nested.nesting == "map":
            return {key: self.block(nested.block, each, None, (*path, key)) for key, each in state.items()}
        return self.block(nested.block, state, facts, path) if isinstance(state, dict) else None


def _inner(value: Value, type_: Any) -> Value:
    """A collection planned with unknown elements."""
    if isinstance(value, Dynamic):
        return Dynamic(type=value.type, value=_inner(value.value, value.type))
    element = type_[1] if isinstance(type_, list) and len(type_) > 1 else "string"
    if value is UNKNOWN:
        return zero(type_)
    if isinstance(value, list):
        return [_inner(each, element) for each in value]
    if isinstance(value, dict):
        return {
            key: _inner(each, element.get(key) if isinstance(element, dict) else element) for key, each in value.items()
        }
    return value


def _fitted(value: Value, type_: Any) -> Value:
    """A fact with just the attributes of the type: a data source's objects may have fewer than a resource's."""
    if not isinstance(type_, list) or len(type_) == 1:
        return value
    kind, element = type_
    if kind == "object" and isinstance(value, dict):
        return {name: _fitted(value.get(name), of) for name, of in element.items()}
    if isinstance(value, list):
        return [_fitted(each, element) for each in value]
    if isinstance(value, dict):
        return {key: _fitted(each, element) for key, each in value.items()}
    return value


def _constraint(schema: Schema, path: Path) -> dict[str, Any]:
    return schema.constraints.get(".".join(step for step in path if isinstance(step, str)), {})
