"""A type's schema, as `terraform providers schema -json` prints it, with the constraints that document leaves out."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """One attribute; `nested` is set where its type is a nested object (the plugin framework's nested_type)."""

    name: str
    type: Any
    nested: "NestedBlock | None"
    required: bool
    optional: bool
    computed: bool
    write_only: bool

    @property
    def computed_only(self) -> bool:
        return self.computed and not self.optional


@dataclass(frozen=True, kw_only=True)
class NestedBlock:
    """A block inside a block: `nesting` is single, list, set or map."""

    nesting: str
    block: "Block"
    min_items: int
    max_items: int

    @property
    def empty(self) -> Any:
        """What a state holds when the block is absent."""
        return None if self.nesting == "single" else {} if self.nesting == "map" else []


@dataclass(frozen=True, kw_only=True)
class Block:
    attributes: dict[str, Attribute]
    blocks: dict[str, NestedBlock]


@dataclass(frozen=True, kw_only=True)
class Schema:
    """A resource, data source or provider: its block, and per attribute path (dots, no indexes) its constraints."""

    name: str
    version: int
    block: Block
    constraints: dict[str, dict[str, Any]] = field(default_factory=dict)

    @cached_property
    def computed_blocks(self) -> frozenset[str]:
        """Blocks the provider fills in when the configuration leaves them out."""
        return frozenset(path for path, constraint in self.constraints.items() if constraint.get("computed_block"))


def _attribute(name: str, raw: dict[str, Any]) -> Attribute:
    nested = raw.get("nested_type")
    return Attribute(
        name=name,
        type=raw.get("type"),
        nested=nested and _nested(nested, nested),
        required=raw.get("required", False),
        optional=raw.get("optional", False),
        computed=raw.get("computed", False),
        write_only=raw.get("write_only", False),
    )


def _nested(raw: dict[str, Any], block: dict[str, Any]) -> NestedBlock:
    return NestedBlock(
        nesting=raw["nesting_mode"],
        block=_block(block),
        min_items=raw.get("min_items", 0),
        max_items=raw.get("max_items", 0),
    )


def _block(raw: dict[str, Any]) -> Block:
    return Block(
        attributes={name: _attribute(name, each) for name, each in raw.get("attributes", {}).items()},
        blocks={name: _nested(each, each["block"]) for name, each in raw.get("block_types", {}).items()},
    )


def parse(name: str, raw: dict[str, Any], constraints: dict[str, dict[str, Any]]) -> Schema:
    """A schema from the document's JSON."""
    return Schema(name=name, version=raw.get("version", 0), block=_block(raw["block"]), constraints=constraints)
