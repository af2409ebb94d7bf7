"""Google's APIs as their discovery documents describe them, and what in a request or an answer is not as described.

The documents are those that come with google-api-python-client, which is here for the tests only: that a URL is one of
the API's, and that a field exists and has its type, is checked here.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from typing import Any
from urllib.parse import parse_qs, unquote

_TYPES: Mapping[str, tuple[Any, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "any": (object,),
}


@dataclass(frozen=True)
class Call:
    """A request, as the API understands it."""

    method: str
    """Its id: `compute.regions.get`."""
    parameters: Mapping[str, Any]
    """Of the path and the query. Repeated ones are lists, all else is a string."""
    body: Any
    """What came as JSON, or `None`."""
    faults: tuple[str, ...] = field(default=())
    """What is not as the document has it."""


@cache
def api(name: str, version: str) -> "Api":
    """Raises `FileNotFoundError` for an API that google-api-python-client has no document of."""
    documents = resources.files("googleapiclient.discovery_cache") / "documents"
    return Api(json.loads((documents / f"{name}.{version}.json").read_text("utf-8")))


class Api:
    """One version of an API."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    @cached_property
    def methods(self) -> dict[str, dict[str, Any]]:
        """By id."""
        return {method["id"]: method for method in _methods(self.document)}

    def read(self, http_method: str, path: str, query: str, body: bytes) -> Call | None:
        """Understand a request to a path below the API's base; `None` when the API has no such method."""
        for method_id, method in self.methods.items():
            matched = _pattern(self, method_id).fullmatch(path) if method["httpMethod"] == http_method else None
            if matched:
                parameters = {name: unquote(value) for name, value in matched.groupdict().items()}
                return self._call(method_id, parameters, query, body)
        return None

    def _call(self, method_id: str, parameters: dict[str, Any], query: str, body: bytes) -> Call:
        method = self.methods[method_id]
        described = method.get("parameters", {})
        known = {**self.document.get("parameters", {}), **described}
        faults = []
        for name, values in parse_qs(query, keep_blank_values=True).items():
            if name not in known:
                faults.append(f"{method_id}: there is no parameter {name}")
            repeated = known.get(name, {}).get("repeated", False)
            if len(values) > 1 and not repeated:
                faults.append(f"{method_id}: the parameter {name} is given more than once")
            parameters[name] = values if repeated else values[0]
        faults += [
            f"{method_id}: the parameter {name} is missing"
            for name, parameter in described.items()
            if parameter.get("required") and name not in parameters
        ]
        sent = json.loads(body) if body else None
        if sent is not None:
            if "request" in method:
                faults += self._faults(method["request"], sent, f"{method_id} request")
            else:
                faults.append(f"{method_id}: takes no body")
        return Call(method_id, parameters, sent, tuple(faults))

    def faults_of_answer(self, method_id: str, body: Any) -> list[str]:
        """What in an answer the document does not have, or has otherwise."""
        return list(self._faults(self.methods[method_id].get("response", {"type": "any"}), body, method_id))

    def _faults(self, schema: Mapping[str, Any], value: Any, where: str) -> Iterator[str]:
        if "$ref" in schema:
            schema = self.document["schemas"][schema["$ref"]]
        expected = schema.get("type", "any")
        # bool is an int in Python, and not in JSON.
        if not isinstance(value, _TYPES[expected]) or (isinstance(value, bool) and expected in ("integer", "number")):
            yield f"{where}: {value!r} is no {expected}"
        elif expected == "array":
            for index, item in enumerate(value):
                yield from self._faults(schema["items"], item, f"{where}[{index}]")
        elif expected == "object":
            for name, item in value.items():
                inner = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
                if inner is None:
                    yield f"{where}: there is no field {name}"
                else:
                    yield from self._faults(inner, item, f"{where}.{name}")
        elif "enum" in schema and value not in schema["enum"]:
            yield f"{where}: {value!r} is not one of {', '.join(schema['enum'][:10])} ..."
        elif schema.get("format") in ("int64", "uint64") and not re.fullmatch(r"-?\d+", value):
            yield f"{where}: {value!r} is no whole number"


@cache
def _pattern(api: Api, method_id: str) -> re.Pattern[str]:
    """Of a method's path. `{+name}` takes slashes, as far as the parameter's own pattern has them."""
    method = api.methods[method_id]

    def group(matched: re.Match[str]) -> str:
        own = method["parameters"][matched[2]].get("pattern", "^.+$") if matched[1] else "^[^/]+$"
        return f"(?P<{matched[2]}>{own[1:-1]})"

    parts = re.split(r"(\{\+?\w+\})", method["path"])
    return re.compile(
        "".join(re.sub(r"\{(\+?)(\w+)\}", group, part) if part.startswith("{") else re.escape(part) for part in parts)
    )


def _methods(part: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from part.get("methods", {}).values()
    for resource in part.get("resources", {}).values():
        yield from _methods(resource)
