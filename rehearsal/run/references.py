"""Expressions in Terraform's JSON, as far as CDKTF writes them, and what they refer to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

EXPRESSION = re.compile(r"(?<!\$)\$\{((?:[^{}\"]|\"(?:[^\"\\]|\\.)*\")*)\}")
TRAVERSAL = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\d+\])+")
FUNCTION = re.compile(r"[a-z0-9]+\(.*\)", re.DOTALL)
META = frozenset({"count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"})
"""Arguments that Terraform keeps for itself."""

_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"")
_STEP = re.compile(r"[A-Za-z_][\w-]*|\d+(?=\])")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What one expression reads."""

    address: str
    """`google_storage_bucket.bucket`, `data.google_project.project`."""
    rest: tuple[str, ...]
    """The attributes and indexes after it."""


def references(value: Any) -> Iterator[Reference]:
    """Everything that the expressions in a value read."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)
    elif isinstance(value, str):
        for expression in EXPRESSION.findall(value):
            for traversal in TRAVERSAL.findall(_STRING.sub('""', expression)):
                yield parse(traversal)


def parse(traversal: str) -> Reference:
    steps = _STEP.findall(traversal)
    depth = 3 if steps[0] == "data" else 2
    return Reference(address=".".join(steps[:depth]), rest=tuple(steps[depth:]))
