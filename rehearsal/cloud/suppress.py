"""Differences that a provider does not count as any: its DiffSuppressFuncs.

Which attributes have one, and which of these it is, stands in `schemas/hooks.json`.
"""

import ipaddress
import json
import re
from collections.abc import Callable
from typing import Any

from rehearsal.cloud import quantities
from rehearsal.protocol.schema import Schema
from rehearsal.protocol.values import UNKNOWN, Value

State = dict[str, Value]


def _name(link: str) -> str:
    return link.rsplit("/", 1)[-1]


def _relative(link: str) -> str | None:
    """A link from its project on."""
    return f"projects/{link.partition('projects/')[2]}" if "projects/" in link else None


def _path(old: str, new: str) -> bool:
    return _relative(old) is not None and _relative(old) == _relative(new)


def _link(old: str, new: str) -> bool:
    return ("/" not in new and _name(old) == new) or _path(old, new)


def _member(old: str, new: str) -> bool:
    """The case of a member's name does not count, but of the two that are words, and of principals."""
    words = ("allUsers", "allAuthenticatedUsers")
    exact = any(each.startswith("principal") or any(word in each for word in words) for each in (old, new))
    return old == new if exact else old.upper() == new.upper()


def _address(old: str, new: str) -> bool:
    """An address in place of a reference to it; with a netmask where both have one."""
    before, after = (_parsed(each.partition("/")[0]) for each in (old, new))
    masks = [each.partition("/")[2] for each in (old, new)]
    return before is not None and (after is None or before == after) and (not all(masks) or masks[0] == masks[1])


def _parsed(text: str) -> object:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _seconds(text: str) -> int | None:
    found = re.fullmatch(r"(\d+)([smhd])", text)
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]] if found else None


def _dashboard(old: str, new: str) -> bool:
    """What Google has added does not count (resource_monitoring_dashboard.go, removeComputedKeys)."""
    try:
        before, after = json.loads(old), json.loads(new)
    except ValueError:
        return False
    return bool(_only_given(before, after) == after)


def _only_given(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: _only_given(each, new[key]) for key, each in old.items() if key in new}
    if isinstance(old, list) and isinstance(new, list):
        return [_only_given(each, new[index]) if index < len(new) else each for index, each in enumerate(old)]
    return old


SAME: dict[str, Callable[[str, str], bool]] = {
    "address": _address,
    "case": lambda old, new: old.upper() == new.upper(),
    "case and dashes": lambda old, new: old.upper() == new.replace("-", "_").upper(),
    "dashboard": _dashboard,
    "duration": lambda old, new: _seconds(old) is not None and _seconds(old) == _seconds(new),
    "every day": lambda old, new: (old, new) == ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "FREQ=DAILY"),
    "leading zero": lambda old, new: old == f"0{new}" or new == f"0{old}",
    "link": _link,
    "member": _member,
    "name": lambda old, new: _name(old) == _name(new),
    "path": _path,
    "port range": lambda old, new: old == f"{new}-{new}",
    "quantity": quantities.same,
    "size of a range": lambda old, new: new.startswith("/") and old.endswith(new),
}
"""Name -> whether the old value will do in place of the new one."""


def suppressed(schema: Schema, planned: State, prior: State | None) -> State:
    """The planned state with the old value wherever the provider takes it for the same."""
    if prior is None:
        return planned
    for dotted, constraint in schema.constraints.items():
        if "suppress" in constraint:
            planned = _kept(planned, prior, tuple(dotted.split(".")), SAME[constraint["suppress"]])
    return planned


def _kept(planned: Value, prior: Value, rest: tuple[str, ...], same: Callable[[str, str], bool]) -> Any:
    if isinstance(planned, list) and isinstance(prior, list):
        pairs = zip(planned, prior, strict=False)
        return [_kept(new, old, rest, same) for new, old in pairs] + planned[len(prior) :]
    if not isinstance(planned, dict) or not isinstance(prior, dict):
        return prior if isinstance(planned, str) and isinstance(prior, str) and same(prior, planned) else planned
    if rest:
        name = rest[0]
        return {**planned, name: _kept(planned.get(name), prior.get(name), rest[1:], same)}
    # A map is compared value by value.
    return {key: _kept(new, prior.get(key, UNKNOWN), (), same) for key, new in planned.items()}
