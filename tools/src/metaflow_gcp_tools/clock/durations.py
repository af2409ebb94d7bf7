"""How long one operation takes: what public logs and the provider's code show, else an estimate (durations.json)."""

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Action = Literal["create", "update", "delete"]


@dataclass(frozen=True, kw_only=True)
class Duration:
    """The seconds of one operation; `source` is where they were read, None for an estimate."""

    seconds: int
    source: str | None


def of_type(type_: str, action: Action, attributes: dict[str, Any] | None = None) -> Duration:
    """The duration for a resource of that type with these attributes, as its stack configures them."""
    found = entry(type_)
    for special in found.get("if", ()):
        conditions = {name: value for name, value in special.items() if name not in ("create", "update", "delete")}
        if action in special and all(_same((attributes or {}).get(name), each) for name, each in conditions.items()):
            return _duration(special[action])
    return _duration(found[action])


def of_stack(action: Action) -> Duration:
    """What passes before a stack's first operation: Terraform installs the providers, and plans."""
    return _duration(known()["stack"][action])


def entry(type_: str) -> dict[str, Any]:
    """The type's own entry, or that of the pattern with the most letters that fits it."""
    types: dict[str, dict[str, Any]] = known()["types"]
    if type_ in types:
        return types[type_]
    return types[max((pattern for pattern in types if fnmatchcase(type_, pattern)), key=len)]


@cache
def known() -> dict[str, Any]:
    return dict(json.loads(files(__package__).joinpath("durations.json").read_text("utf-8")))


def _same(given: object, wanted: object) -> bool:
    """JSON for Terraform has numbers and truth values as texts, too."""
    return given is not None and str(given).lower() == str(wanted).lower()


def _duration(value: int | list[Any]) -> Duration:
    if isinstance(value, list):
        return Duration(seconds=value[0], source=known()["sources"][value[1]]["at"])
    return Duration(seconds=value, source=None)
