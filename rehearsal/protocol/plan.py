"""What Terraform will be told happens.

The planned state, as the plugin SDK computes it, and the paths that force a replacement.
"""

from collections.abc import Iterator
from typing import Any

from rehearsal.protocol.errors import Path
from rehearsal.protocol.replace import REPLACES
from rehearsal.protocol.schema import Attribute, Block, NestedBlock, Schema
from rehearsal.protocol.values import UNKNOWN, Value


def plan(schema: Schema, config: dict[str, Value], prior: dict[str, Value] | None) -> dict[str, Value]:
    """The planned state of a resource that is created (no prior state) or updated."""
    return _block(schema, schema.block, config, prior, "")


def replacements(schema: Schema, prior: dict[str, Value] | None, planned: dict[str, Value]) -> list[Path]:
    """The paths whose change needs a new object."""
    return list(_replacements(schema, schema.block, prior, planned, "", ())) if prior else []


def _block(schema: Schema, block: Block, config: dict[str, Value], prior: Value, dotted: str) -> dict[str, Value]:
    prior = prior if isinstance(prior, dict) else None
    state = {
        name: _attribute(schema, attribute, config.get(name), prior, f"{dotted}{name}")
        for name, attribute in block.attributes.items()
    }
    for name, nested in block.blocks.items():
        state[name] = _nested(schema, nested, config.get(name), prior, name, f"{dotted}{name}")
    return state


def _attribute(
    schema: Schema, attribute: Attribute, config: Value, prior: dict[str, Value] | None, dotted: str
) -> Value:
    if attribute.write_only:
        return None
    if config is not None:
        if attribute.nested and config is not UNKNOWN:
            return _elements(schema, attribute.nested, config, prior and prior.get(attribute.name), dotted)
        return config
    constraint = schema.constraints.get(dotted, {})
    if "default" in constraint:
        return coerce(constraint["default"], attribute.type)
    if attribute.computed:
        return prior[attribute.name] if prior else UNKNOWN
    return None


def _nested(
    schema: Schema, nested: NestedBlock, config: Value, prior: dict[str, Value] | None, name: str, dotted: str
) -> Value:
    if config is UNKNOWN:
        return UNKNOWN
    if not config and dotted in schema.computed_blocks:
        return prior[name] if prior else UNKNOWN
    if not config and nested.nesting != "single":
        return nested.empty
    return _elements(schema, nested, config, prior and prior.get(name), dotted)


def _elements(schema: Schema, nested: NestedBlock, config: Value, prior: Value, dotted: str) -> Value:
    def element(config: Value, prior: Value) -> Value:
        return (
            config if config is UNKNOWN or config is None else _block(schema, nested.block, config, prior, f"{dotted}.")
        )

    if nested.nesting == "single":
        return element(config, prior)
    if nested.nesting == "map":
        prior = prior if isinstance(prior, dict) else {}
        return {key: element(each, prior.get(key)) for key, each in config.items()}
    prior = prior if isinstance(prior, list) else []
    if nested.nesting == "set":
        return [element(each, next((old for old in prior if _is(each, old)), None)) for each in config]
    return [element(each, prior[index] if index < len(prior) else None) for index, each in enumerate(config)]


def _is(config: Value, prior: Value) -> bool:
    """Whether a set's element of the prior state is what the configuration describes.

    All that is configured is the same.
    """
    if isinstance(config, dict) and isinstance(prior, dict):
        return all(value is None or _is(value, prior.get(key)) for key, value in config.items())
    if isinstance(config, list) and isinstance(prior, list):
        return len(config) == len(prior) and all(_is(a, b) for a, b in zip(config, prior, strict=True))
    return bool(config is not UNKNOWN and config == prior)


def coerce(default: Any, type_: Any) -> Value:
    """A default as its attribute's type: some are written as another one in the providers' code."""
    if type_ == "string" and not isinstance(default, str):
        return str(default).lower() if isinstance(default, bool) else str(default)
    if type_ == "number" and isinstance(default, str):
        return float(default) if "." in default else int(default)
    if type_ == "bool" and isinstance(default, str):
        return default == "true"
    return default


def same(before: Value, after: Value, type_: Any = None) -> bool:
    """Whether two values of an attribute are equal; a set has no order."""
    if isinstance(type_, list) and type_[0] == "set" and isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(each in after for each in before)
    return bool(before == after)


def _replacements(schema: Schema, block: Block, prior: Value, state: Value, dotted: str, path: Path) -> Iterator[Path]:
    prior = prior if isinstance(prior, dict) else {}
    for name, attribute in block.attributes.items():
        constraint, before, after = schema.constraints.get(f"{dotted}{name}", {}), prior.get(name), state[name]
        if not same(before, after, attribute.type) and _forces(constraint, before, after):
            yield (*path, name)
    for name, nested in block.blocks.items():
        if prior.get(name) != state[name]:
            yield from _nested_replacements(
                schema, nested, prior.get(name), state[name], f"{dotted}{name}", (*path, name)
            )


def _forces(constraint: dict[str, Any], before: Value, after: Value) -> bool:
    if constraint.get("force_new"):
        return True
    decides = constraint.get("replace_if")
    return bool(decides and before is not None and after is not UNKNOWN and REPLACES[decides](before, after))


def _nested_replacements(
    schema: Schema, nested: NestedBlock, before: Value, after: Value, dotted: str, path: Path
) -> Iterator[Path]:
    """Of blocks that differ: their number replaces where the block says so, their attributes where those do."""
    forced = schema.constraints.get(dotted, {}).get("force_new")
    if after is UNKNOWN or before is None or after is None:
        if forced and (before or after is UNKNOWN):
            yield path
    elif nested.nesting == "single":
        yield from _replacements(schema, nested.block, before, after, f"{dotted}.", path)
    elif forced and len(before) != len(after):
        yield path
    elif nested.nesting == "list":
        for index, element in enumerate(after):
            old = before[index] if index < len(before) else None
            if element is not UNKNOWN:
                yield from _replacements(schema, nested.block, old, element, f"{dotted}.", (*path, index))
    elif nested.nesting == "set" and _set_replaces(schema, nested, before, after, dotted):
        yield path


def _set_replaces(schema: Schema, nested: NestedBlock, before: list[Value], after: list[Value], dotted: str) -> bool:
    """A set's element has no place: a new element replaces the object when it sets something that cannot be changed."""
    for element in after:
        if element is UNKNOWN or element not in before:
            return (
                any(_replacements(schema, nested.block, None, element, f"{dotted}.", ()))
                if element is not UNKNOWN
                else True
            )
    return False
