"""A synthesized platform that a mutant changes, and where in it there is something to break."""

import copy
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.facts import PROVIDERS
from rehearsal.protocol.schema import Block
from rehearsal.run.configured import facts
from rehearsal.run.references import EXPRESSION, META

Raw = dict[str, Any]


@dataclass(kw_only=True)
class Platform:
    """What main.py wrote, and the cloud that it is to be deployed into."""

    name: str
    """Of the settings."""
    folder: Path
    stacks: dict[str, Raw]
    values: dict[str, Any]
    """Expression -> what it stands for, once deployed."""
    cloud: Raw = field(default_factory=dict)
    """What is in the cloud beforehand, beside what every platform finds there."""
    first: tuple[str, ...] = ()
    """Addresses whose turn Terraform gives them before all others."""

    def copy(self) -> "Platform":
        return copy.deepcopy(self)

    def elements(self, *types: str, kind: str = "resource") -> Iterator["Element"]:
        """The resources of these types, or of all."""
        for stack, document in self.stacks.items():
            for type_, named in document.get(kind, {}).items():
                if type_.partition("_")[0] in PROVIDERS and (not types or type_ in types):
                    yield from (Element(stack=stack, kind=kind, type=type_, name=name) for name in named)

    def of(self, element: "Element") -> Raw:
        return self.stacks[element.stack][element.kind][element.type][element.name]


@dataclass(frozen=True, kw_only=True)
class Element:
    """A resource or a data source."""

    stack: str
    kind: str
    type: str
    name: str

    @property
    def address(self) -> str:
        return f"{'data.' if self.kind == 'data' else ''}{self.type}.{self.name}"

    @property
    def where(self) -> str:
        """Without the hash that CDKTF ends a name with."""
        return f"{self.stack} {self.type}.{re.sub('_[0-9A-F]{8}$', '', self.name)}"


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One platform with one fault."""

    where: str
    change: Callable[[Platform], None]


Way = Callable[[Platform, random.Random], Iterator[Mutant]]
"""Every place where a platform can be broken in one way."""


def argument(element: Element, path: tuple[Any, ...], value: Any, *, said: str = "") -> Mutant:
    """One argument with another value; without any, where that is `DROPPED`."""

    def change(platform: Platform) -> None:
        *steps, last = path
        inside: Any = platform.of(element)
        for step in steps:
            inside = inside[step]
        if value is DROPPED:
            del inside[last]
        else:
            inside[last] = value

    dotted = ".".join(map(str, path))
    what = said or ("dropped" if value is DROPPED else f"= {json.dumps(value)[:60]}")
    return Mutant(where=f"{element.where}: {dotted} {what}", change=change)


DROPPED = object()


def arguments(block: Block, given: Raw, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    """Path, value, and attribute or block, of everything that is written in a block."""
    for name, value in given.items():
        if name == "//" or (not path and name in META):
            continue
        if attribute := block.attributes.get(name):
            yield (*path, name), value, attribute
            inner = attribute.nested
        else:
            inner = block.blocks[name]
            yield (*path, name), value, inner
        if inner:
            for step, each in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(each, dict):
                    yield from arguments(inner.block, each, (*path, name, *(() if step is None else (step,))))


def schema(element: Element) -> Any:
    found = facts(element.type.partition("_")[0]).schema(element.kind, element.type)
    assert found, element
    return found


def texts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every text in a value, and where it is."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name != "//":
                yield from texts(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts(inner, (*path, index))
    elif isinstance(value, str):
        yield path, value


def expressions(value: Any) -> Iterator[tuple[tuple[Any, ...], str, str]]:
    """Where, the text, and each expression in it that is a plain reference."""
    for path, text in texts(value):
        for found in EXPRESSION.finditer(text):
            if "(" not in found[1]:
                yield path, text, found[0]


def at(value: Any, *path: Any) -> Any:
    for step in path:
        value = value[step]
    return value
