"""A state as Terraform stored it, made to fit the schema of now."""

from typing import Any

from rehearsal.protocol.schema import Block, NestedBlock
from rehearsal.protocol.values import Dynamic, Value


def conform(block: Block, state: dict[str, Any]) -> dict[str, Value]:
    """Drops what the schema no longer knows, adds nulls for what is new."""
    conformed: dict[str, Value] = {}
    for name, attribute in block.attributes.items():
        value = state.get(name)
        if attribute.nested:
            conformed[name] = _elements(attribute.nested, value)
        elif attribute.type == "dynamic" and value is not None:
            conformed[name] = Dynamic(type=value["type"], value=value["value"])
        else:
            conformed[name] = value
    for name, nested in block.blocks.items():
        value = state.get(name)
        conformed[name] = nested.empty if value is None else _elements(nested, value)
    return conformed


def _elements(nested: NestedBlock, value: Any) -> Value:
    if value is None:
        return None
    if nested.nesting == "single":
        return conform(nested.block, value)
    if nested.nesting == "map":
        return {key: conform(nested.block, each) for key, each in value.items()}
    return [conform(nested.block, each) for each in value]
