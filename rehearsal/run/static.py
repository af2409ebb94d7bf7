"""What `terraform validate` finds wrong with a stack: in its text alone, before a provider is asked for anything."""

from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

from rehearsal.protocol.schema import Attribute, Block, NestedBlock, Schema
from rehearsal.protocol.validate import validate
from rehearsal.protocol.values import UNKNOWN
from rehearsal.run.references import EXPRESSION, META, Reference, references
from rehearsal.run.seed import whole

Find = Callable[[str, str], Schema | None]
"""The schema of a resource or a data source, by its kind and its type."""

_OWN = ("terraform_data", "terraform_remote_state")
"""Terraform's own types: they have no provider."""


def problems(configuration: dict[str, Any], find: Find) -> Iterator[str]:
    """In Terraform's words, with the address they are about."""
    declared = dict(_declared(configuration))
    for address, raw in declared.items():
        kind, type_ = (
            ("data", address.split(".")[1]) if address.startswith("data.") else ("resource", address.split(".")[0])
        )
        wanted = [each.split(".") for each in raw.get("depends_on", [])]
        there = {tuple(each.split(".")) for each in declared}
        yield from (
            f"{address}: Reference to undeclared resource: {'.'.join(each)}"
            for each in wanted
            if tuple(each) not in there
        )
        if type_ in _OWN:
            continue
        schema = find(kind, type_)
        if schema is None:
            yield f'{address}: Invalid {kind} type: the provider does not support {kind} type "{type_}".'
            continue
        own = {name: value for name, value in raw.items() if name not in META}
        wrong = list(_block(schema.block, own, ""))
        yield from (f"{address}: {each}" for each in wrong)
        if not wrong:
            checked = validate(schema, whole(schema.block, _unknown(own)))
            yield from (f"{address}: {each.summary} {each.detail}".rstrip() for each in checked if not each.warning)
    # What `lifecycle` says of an object itself (`self`) is not looked at.
    bodies = [{name: value for name, value in raw.items() if name != "lifecycle"} for raw in declared.values()]
    for reference in references([*bodies, configuration.get("output", {}), configuration.get("provider", {})]):
        yield from _reference(reference, declared, find)
    yield from _cycle(declared)


def _declared(configuration: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind, prefix in (("resource", ""), ("data", "data.")):
        for type_, named in configuration.get(kind, {}).items():
            yield from ((f"{prefix}{type_}.{name}", raw) for name, raw in named.items())


def _block(block: Block, given: dict[str, Any], path: str) -> Iterator[str]:
    for name, value in given.items():
        here = f"{path}{name}"
        if attribute := block.attributes.get(name):
            yield from _attribute(attribute, value, here)
        elif nested := block.blocks.get(name):
            yield from _elements(nested, value, here)
        elif name != "//":
            yield f'Unsupported argument: an argument named "{here}" is not expected here.'
    for name, attribute in block.attributes.items():
        if attribute.required and given.get(name) is None:
            yield f'Missing required argument: the argument "{path}{name}" is required, but no definition was found.'
    for name, nested in block.blocks.items():
        if len(_list(given.get(name))) < nested.min_items:
            yield f'Insufficient blocks: at least {nested.min_items} "{path}{name}" are required.'


def _elements(nested: NestedBlock, value: Any, here: str) -> Iterator[str]:
    elements = _list(value)
    if nested.nesting != "single" and nested.max_items and len(elements) > nested.max_items:
        yield f"Too many {here} blocks: no more than {nested.max_items} are allowed."
    for each in elements:
        if isinstance(each, dict):
            yield from _block(nested.block, each, f"{here}.")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _attribute(attribute: Attribute, value: Any, here: str) -> Iterator[str]:
    if attribute.computed_only:
        yield f'Value for unconfigurable attribute: can\'t configure a value for "{here}".'
    elif attribute.nested:
        yield from _elements(attribute.nested, value, here)
    elif needed := _needed(attribute.type, value):
        yield f'Incorrect attribute value type: inappropriate value for attribute "{here}": {needed} required.'


def _needed(type_: Any, value: Any) -> str:
    """What should be there instead of a value; nothing where Terraform takes or converts it."""
    if value is None or type_ == "dynamic" or (isinstance(value, str) and EXPRESSION.search(value)):
        return ""
    if isinstance(type_, list):
        kind, of = type_
        if not isinstance(value, list if kind in ("list", "set") else dict):
            return f"{kind} is"
        inner = value.values() if isinstance(value, dict) else value
        return "" if kind == "object" else next(filter(None, (_needed(of, each) for each in inner)), "")
    fits = {
        "string": not isinstance(value, dict | list),
        "number": _is_number(value),
        "bool": value in (True, False, "true", "false"),
    }
    return "" if fits[type_] else f"a {type_} is"


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (ValueError, TypeError):
        return False
    return not isinstance(value, bool)


def _reference(reference: Reference, declared: dict[str, dict[str, Any]], find: Find) -> Iterator[str]:
    address, rest = reference.address, reference.rest
    if address not in declared:
        yield f"Reference to undeclared resource: {address} has not been declared in the root module."
        return
    kind, type_ = (
        ("data", address.split(".")[1]) if address.startswith("data.") else ("resource", address.split(".")[0])
    )
    schema = None if type_ in _OWN else find(kind, type_)
    block = schema.block if schema else None
    for step in rest:
        if block is None or step.isdigit():
            continue
        if step in block.blocks:
            block = block.blocks[step].block
        elif step in block.attributes:
            nested = block.attributes[step].nested
            block = nested.block if nested else None
        else:
            yield f'Unsupported attribute: {address} has no argument, block, or exported attribute named "{step}".'
            return


def _cycle(declared: dict[str, dict[str, Any]]) -> Iterator[str]:
    graph = {
        address: {*raw.get("depends_on", []), *(each.address for each in references(raw))} & declared.keys()
        for address, raw in declared.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"Cycle: {', '.join(error.args[1][1:])}"


def _unknown(value: Any) -> Any:
    """The configuration with what an expression gives not known yet."""
    if isinstance(value, dict):
        return {name: _unknown(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_unknown(inner) for inner in value]
    if isinstance(value, str):
        return UNKNOWN if EXPRESSION.search(value) else value.replace("$${", "${")
    return value
