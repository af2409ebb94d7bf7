"""Blocks of a resource: synth writes one as an object, Terraform's plan as a list of one."""

from collections.abc import Mapping
from typing import Any


def blocks(resource: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = resource.get(name) or []
    return [found] if isinstance(found, dict) else list(found)


def block(resource: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The only one; empty when there is none."""
    return next(iter(blocks(resource, name)), {})
