"""Which resource of the configuration a provider is asked about.

Terraform tells a provider a type and its attributes, never the address. What the configuration says of the attributes
tells the resources of a type apart; where it refers to another resource, that one's object in the cloud does.
"""

import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from rehearsal.cloud.kubernetes.names import unversioned
from rehearsal.cloud.model import Cloud
from rehearsal.protocol.values import UNKNOWN, Dynamic, Value

_EXPRESSION = re.compile(r"(?<!\$)\$\{([^{}]*)\}")
_STEP = re.compile(r"[A-Za-z_][\w-]*|\d+(?=\])")
_NOT_ATTRIBUTES = {"//", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"}


class Addresses:
    """The resources of the configuration in a folder: `*.tf.json`, as CDKTF writes it."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.cloud, self.folder = cloud, folder
        self.asking: list[str] = []
        """The types that are being told apart: a reference to one of them tells nothing more."""

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """Type -> name -> what is written of it."""
        found: dict[str, dict[str, Any]] = {}
        for file in sorted(self.folder.glob("*.tf.json")):
            for type_, named in json.loads(file.read_text()).get("resource", {}).items():
                found.setdefault(type_, {}).update(named)
        return found

    def of(self, type_: str, values: dict[str, Value]) -> str:
        """The address of the resource of that type which fits the values best."""
        named = self.resources.get(type_, {})
        if not named:
            return f"{type_}.{_own_name(values)}"
        self.asking.append(type_)
        best = min(named, key=lambda name: self._differences(named[name], values))
        self.asking.pop()
        return f"{type_}.{best}"

    def object(self, address: str) -> dict[str, Value] | None:
        """The state of the object in the cloud that fits a resource best."""
        type_, _, name = address.partition(".")
        kind = unversioned(type_) if type_.startswith("kubernetes_") else type_
        mine = [each.state for each in self.cloud.all(kind) if self.of(type_, each.state) == address]
        # An object that somebody else has made is like one of ours, and less so.
        written = self.resources.get(type_, {}).get(name, {})
        return min(mine, key=lambda state: self._differences(written, state), default=None)

    def _differences(self, written: Any, has: Value) -> int:
        """How many values are otherwise than written; what cannot be told is not."""
        if isinstance(has, Dynamic):
            has = has.value
        if has is UNKNOWN or has is None:
            return 0 if written is None or isinstance(written, dict | list) or "${" in str(written) else 1
        if isinstance(written, dict):
            inside = has[0] if isinstance(has, list) and len(has) == 1 else has
            if not isinstance(inside, dict):
                return 1
            return sum(self._differences(written[each], inside.get(each)) for each in written.keys() - _NOT_ATTRIBUTES)
        if isinstance(written, list):
            if not isinstance(has, list) or len(written) != len(has):
                return 1
            # A set comes in an order of Terraform's.
            return sum(min(self._differences(one, other) for other in has) for one in written)
        return 0 if self._same(written, has) else 1

    def _same(self, written: Any, has: Value) -> bool:
        if isinstance(written, bool) or not isinstance(written, str):
            return _alike(written, has)
        alone = _EXPRESSION.fullmatch(written)
        if alone:
            return self._refers(alone[1], has)
        if not _EXPRESSION.search(written):
            return _alike(written, has)
        pieces = _EXPRESSION.split(written)
        pattern = "".join("(.*)" if index % 2 else re.escape(piece) for index, piece in enumerate(pieces))
        found = re.fullmatch(pattern, _text(has), re.DOTALL)
        return found is not None and all(
            self._refers(expression, value) for expression, value in zip(pieces[1::2], found.groups(), strict=True)
        )

    def _refers(self, expression: str, has: Value) -> bool:
        """Whether a value is that of the object referred to: that one is there before what refers to it, and after."""
        steps = _STEP.findall(expression)
        if len(steps) < 3 or steps[0] not in self.resources or "(" in expression:
            return True
        type_, name, *rest = steps
        if type_ in self.asking or type_.startswith("random_"):
            return True
        best = self.object(f"{type_}.{name}")
        return best is not None and _alike(_at(best, rest), has)


def _at(value: Any, steps: list[str]) -> Any:
    for step in steps:
        if isinstance(value, list):
            value = value[int(step)] if step.isdigit() and int(step) < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def _alike(one: Any, other: Any) -> bool:
    """Providers write names as paths, and members in lower case."""
    texts = [_text(each).lower() for each in (one, other)]
    return texts[0] == texts[1] or texts[0].endswith(f"/{texts[1]}") or texts[1].endswith(f"/{texts[0]}")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _own_name(values: dict[str, Value]) -> str:
    """For a folder without a configuration in JSON: the object's own name."""
    about = values.get("metadata")
    inside = about[0] if isinstance(about, list) and about and isinstance(about[0], dict) else values
    found = inside.get("name") or values.get("account_id") or values.get("secret_id") or "this"
    return re.sub(r"[^\w-]", "_", str(found))
