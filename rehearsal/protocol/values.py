"""Terraform's values in Python: None is null, UNKNOWN is "known after apply", objects are dicts, sets are lists."""

import json
from dataclasses import dataclass
from typing import Any, Self

import msgpack

Value = Any
"""str, int, float, bool, None, UNKNOWN, Dynamic, or a list or dict of values."""


class Unknown:
    """The type of UNKNOWN: a value that is known only after apply."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __bool__(self) -> bool:
        raise TypeError("an unknown value is neither true nor false: compare with `is UNKNOWN`")


UNKNOWN = Unknown()


@dataclass(frozen=True, kw_only=True)
class Dynamic:
    """A value whose type travels with it (the schema's type is `dynamic`)."""

    type: Any
    value: Value


def _extension(code: int, data: bytes) -> Unknown:
    # Code 12 is an unknown with refinements (a prefix, a length); for us it is just unknown.
    return UNKNOWN


def _list(items: list[Any]) -> Any:
    if len(items) == 2 and isinstance(items[0], bytes):
        return Dynamic(type=json.loads(items[0]), value=items[1])
    return items


def _default(value: Any) -> Any:
    if isinstance(value, Unknown):
        return msgpack.ExtType(0, b"\x00")
    if isinstance(value, Dynamic):
        return [json.dumps(value.type).encode(), value.value]
    raise TypeError(f"not a Terraform value: {value!r}")


def decode(data: bytes) -> Value:
    """A value from the protocol's msgpack."""
    return msgpack.unpackb(data, ext_hook=_extension, list_hook=_list, strict_map_key=False) if data else None


def encode(value: Value) -> bytes:
    """A value as the protocol's msgpack."""
    return bytes(msgpack.packb(value, default=_default))


def to_json(value: Value) -> str:
    """A wholly known value as JSON, for the model's file."""

    def default(inner: Any) -> Any:
        if isinstance(inner, Dynamic):
            return {"$dynamic": inner.type, "value": inner.value}
        raise TypeError(f"only known values are kept: {inner!r}")

    return json.dumps(value, default=default, sort_keys=True)


def from_json(text: str) -> Value:
    """The reverse of `to_json`."""

    def hook(value: dict[str, Any]) -> Any:
        return Dynamic(type=value["$dynamic"], value=value["value"]) if "$dynamic" in value else value

    return json.loads(text, object_hook=hook)


def known(value: Value) -> bool:
    """Whether nothing in the value is unknown."""
    if value is UNKNOWN:
        return False
    if isinstance(value, dict):
        return all(known(inner) for inner in value.values())
    if isinstance(value, list):
        return all(known(inner) for inner in value)
    return known(value.value) if isinstance(value, Dynamic) else True


def given(value: Value) -> bool:
    """Whether a configuration sets this: not null, and not an empty list of blocks."""
    return value is not None and value != []
