"""The schema document as the bytes of a GetProviderSchema response.

Runs once per content of `schemas/`: see facts.py.
"""

import json
from typing import Any

from tf.gen import tfplugin_pb2 as pb

Json = dict[str, Any]

# Fields of the protocol that the generated stubs do not know yet, in protobuf's wire format: field 11 of Attribute
# (write_only, true) and field 8 of the response (ephemeral_resource_schemas). protobuf keeps unknown fields when it
# serializes.
_WRITE_ONLY = b"\x58\x01"
_RESOURCE_SCHEMAS, _EPHEMERAL_RESOURCE_SCHEMAS = b"\x12", b"\x42"


def _attribute(name: str, raw: Json) -> pb.Schema.Attribute:
    attribute = pb.Schema.Attribute(
        name=name,
        required=raw.get("required", False),
        optional=raw.get("optional", False),
        computed=raw.get("computed", False),
        sensitive=raw.get("sensitive", False),
        deprecated=raw.get("deprecated", False),
    )
    if "nested_type" in raw:
        nested = raw["nested_type"]
        attribute.nested_type.CopyFrom(
            pb.Schema.Object(
                attributes=[_attribute(key, each) for key, each in nested.get("attributes", {}).items()],
                nesting=nested["nesting_mode"].upper(),
            )
        )
    else:
        attribute.type = json.dumps(raw["type"], separators=(",", ":")).encode()
    if raw.get("write_only"):
        attribute.MergeFromString(_WRITE_ONLY)
    return attribute


def _block(raw: Json) -> pb.Schema.Block:
    return pb.Schema.Block(
        attributes=[_attribute(name, each) for name, each in raw.get("attributes", {}).items()],
        block_types=[
            pb.Schema.NestedBlock(
                type_name=name,
                block=_block(each["block"]),
                nesting=each["nesting_mode"].upper(),
                min_items=each.get("min_items", 0),
                max_items=each.get("max_items", 0),
            )
            for name, each in raw.get("block_types", {}).items()
        ],
        deprecated=raw.get("deprecated", False),
    )


def _schema(raw: Json) -> pb.Schema:
    return pb.Schema(version=raw.get("version", 0), block=_block(raw["block"]))


def _function(raw: Json) -> pb.Function:
    def parameter(each: Json) -> pb.Function.Parameter:
        return pb.Function.Parameter(
            name=each["name"], type=json.dumps(each["type"]).encode(), allow_null_value=each.get("is_nullable", False)
        )

    return pb.Function(
        parameters=[parameter(each) for each in raw.get("parameters", [])],
        variadic_parameter=parameter(raw["variadic_parameter"]) if "variadic_parameter" in raw else None,
        **{"return": pb.Function.Return(type=json.dumps(raw["return_type"]).encode())},
        summary=raw.get("summary", ""),
    )


def capabilities() -> pb.ServerCapabilities:
    """What our server can do; with an optional schema Terraform asks for it once a run, not once a process."""
    return pb.ServerCapabilities(plan_destroy=True, get_provider_schema_optional=True)


def provider_schema_response(document: Json) -> bytes:
    """The response for one provider of the document."""
    response = pb.GetProviderSchema.Response(
        provider=_schema(document["provider"]),
        resource_schemas={name: _schema(raw) for name, raw in document.get("resource_schemas", {}).items()},
        data_source_schemas={name: _schema(raw) for name, raw in document.get("data_source_schemas", {}).items()},
        functions={name: _function(raw) for name, raw in document.get("functions", {}).items()},
        server_capabilities=capabilities(),
    )
    for name, raw in document.get("ephemeral_resource_schemas", {}).items():
        # An entry of either map has the same bytes but for its tag.
        entry = pb.GetProviderSchema.Response(resource_schemas={name: _schema(raw)}).SerializeToString()
        response.MergeFromString(entry.replace(_RESOURCE_SCHEMAS, _EPHEMERAL_RESOURCE_SCHEMAS, 1))
    return bytes(response.SerializeToString())
