"""What waits for what in one stack: references and `depends_on` of its JSON, and what Terraform's state knows more."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_EXPRESSIONS = re.compile(r"(?<!\$)\$\{.*\}|(?<!%)%\{.*\}", re.DOTALL)
"""From the first to the end of the last: what stands between them is hardly ever an address."""
_REFERENCE = re.compile(r"(?<![\w.-])(?:data\.)?[A-Za-z][\w-]*\.[A-Za-z_][\w-]*")
_BARE = ("depends_on", "replace_triggered_by")
"""Where addresses stand without `${}`."""


@dataclass(kw_only=True)
class Node:
    """A resource, as often as its stack has it."""

    address: str
    type: str
    attributes: dict[str, Any] = field(default_factory=dict)
    needs: dict[str, str] = field(default_factory=dict)
    """Address of another one -> why: the attribute that refers to it, `depends_on`, `provider`, `Terraform's state`."""
    instances: list[str] = field(default_factory=list)
    """Its address, with an index for each where it has `count` or `for_each`."""


Graph = dict[str, Node]
"""By address, in the configuration's order."""


def read(configuration: dict[str, Any], state: dict[str, Any] | None = None) -> Graph:
    """The resources of a stack; what it only looks up is passed over: who needs it needs what it needs.

    A state (`terraform state pull`) adds what the configuration does not show: how many there are of a resource,
    and the resources of modules.
    """
    graph = _configured(configuration)
    _add_state(graph, state or {})
    for node in graph.values():
        node.needs = {other: because for other, because in _without_data(graph, node, set()) if other != node.address}
    return {address: node for address, node in graph.items() if not _is_data(address)}


def reachable(graph: Graph, address: str) -> set[str]:
    """All that a resource waits for, also through others."""
    found: set[str] = set()
    left = [address]
    while left:
        for other in graph[left.pop()].needs:
            if other not in found:
                found.add(other)
                left.append(other)
    return found


def instances(resource: dict[str, Any]) -> list[str]:
    """The addresses of a resource in a state: with an index for each where it has `count` or `for_each`."""
    keys = [each.get("index_key") for each in resource["instances"]]
    indices = ["" if key is None else f"[{key}]" if isinstance(key, int) else f'["{key}"]' for key in keys]
    return [f"{_address(resource)}{index}" for index in indices]


def _address(resource: dict[str, Any]) -> str:
    module = [resource["module"]] if resource.get("module") else []
    data = ["data"] if resource["mode"] == "data" else []
    return ".".join([*module, *data, resource["type"], resource["name"]])


def _configured(configuration: dict[str, Any]) -> Graph:
    graph: Graph = {}
    for prefix, kind in (("", "resource"), ("data.", "data")):
        for type_, named in configuration.get(kind, {}).items():
            for name, attributes in named.items():
                address = f"{prefix}{type_}.{name}"
                graph[address] = Node(address=address, type=type_, attributes=attributes, instances=[address])
    for node in graph.values():
        for because, text in [
            *_texts(node.attributes),
            *(("provider", text) for _, text in _texts(_provider(node, configuration.get("provider", {})))),
        ]:
            for other in _references(text, configuration.get("locals", {}), bare=because in _BARE):
                if other in graph:
                    node.needs.setdefault(other, because)
    return graph


def _provider(node: Node, providers: dict[str, Any]) -> Any:
    """The configuration of the provider that makes it: the one that it names, or its type's."""
    name, _, alias = str(node.attributes.get("provider") or node.type.partition("_")[0]).partition(".")
    given = providers.get(name, [])
    return [each for each in (given if isinstance(given, list) else [given]) if each.get("alias", "") == alias]


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each text and the attribute in which it stands, without list positions."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name != "//":
                # What `lifecycle` holds counts like what stands beside it.
                yield from _texts(inner, f"{path}.{name}" if path and path != "lifecycle" else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, path)
    elif isinstance(value, str):
        yield path, value


def _references(text: str, locals_: dict[str, Any], *, bare: bool) -> Iterator[str]:
    found = [text] if bare else _EXPRESSIONS.findall(text)
    for expression in found:
        for address in _REFERENCE.findall(expression):
            kind, _, name = address.partition(".")
            if kind == "data":
                # The pattern takes `data.type`, and the name follows.
                yield from (f"data.{each}" for each in re.findall(r"data\.([\w-]+\.[\w-]+)", expression))
            elif kind == "local":
                rest = {other: value for other, value in locals_.items() if other != name}
                for _, inner in _texts(locals_.get(name)):
                    yield from _references(inner, rest, bare=False)
            else:
                yield address


def _is_data(address: str) -> bool:
    return bool(re.match(r"(module\.[^.]+\.)*data\.", address))


def _without_data(graph: Graph, node: Node, seen: set[str]) -> Iterator[tuple[str, str]]:
    for other, because in node.needs.items():
        if other in seen:
            continue
        if _is_data(other):
            seen.add(other)
            yield from ((further, because) for further, _ in _without_data(graph, graph[other], seen))
        else:
            yield other, because


def _add_state(graph: Graph, state: dict[str, Any]) -> None:
    """Terraform writes down all that a resource waits for: what is missing here is added."""
    needs: dict[str, set[str]] = {}
    for each in state.get("resources", ()):
        # An index of a module is no part of what Terraform calls a dependency.
        base = re.sub(r"\[[^]]*\]", "", _address(each))
        node = graph.setdefault(base, Node(address=base, type=each["type"]))
        node.instances = [*(one for one in node.instances if one != base), *instances(each)]
        needs.setdefault(base, set()).update(*(one.get("dependencies", ()) for one in each["instances"]))
    for base, others in needs.items():
        for other in others & graph.keys() - reachable(graph, base) - {base}:
            # What another one that is missing too waits for need not be said twice.
            if not any(other in needs.get(between, ()) for between in others - {other}):
                graph[base].needs.setdefault(other, "Terraform's state")
