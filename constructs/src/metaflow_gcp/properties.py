"""What a construct is given, checked when it is made: types first, then names, then what else must be right.

Needs no Node.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, get_origin

from metaflow_gcp import names
from metaflow_gcp.checks import Checks, is_token
from metaflow_gcp.choices import declared


@dataclass(frozen=True, kw_only=True)
class Properties:
    """The base of every construct's properties. Raises `InvalidProperties` with everything that is wrong."""

    def __post_init__(self) -> None:
        # Before the rules: `zones="us-west1-a"` is one mistake here, and one for each letter in a rule about zones.
        _check_types(self)
        checks = Checks()
        for name, (_, metadata, _) in declared(self).items():
            value = getattr(self, name)
            for kind in (each for each in metadata if isinstance(each, tuple) and value is not None):
                names.check(checks, name, value, kind)
        self._check(checks)
        checks.raise_if_any(self._owner)

    def _check(self, checks: Checks) -> None:
        """Add what types and names do not say."""

    @property
    def _owner(self) -> str:
        """How errors call the construct."""
        return type(self).__name__.removesuffix("Props")


_PLAIN: dict[Any, tuple[tuple[type, ...], str]] = {
    str: ((str,), "a text"),
    Literal: ((str,), "a text"),
    bool: ((bool,), "True or False"),
    int: ((int, float), "a number"),
    float: ((int, float), "a number"),
    tuple: ((tuple, list), "a tuple"),
    Sequence: ((tuple, list), "a tuple"),
    Mapping: ((Mapping,), "a dict"),
}
"""What stands for a type; CDKTF's numbers that are known later are floats."""


def _check_types(properties: Properties) -> None:
    checks = Checks()
    hidden = {each.name for each in fields(properties) if not each.repr}
    for name, (annotation, _, optional) in declared(properties).items():
        value = getattr(properties, name)
        if is_token(value) or (value is None and optional):
            continue
        if allowed := _expected(value, annotation):
            wrong = f"{_shown(value, hidden=name in hidden)} is a {type(value).__name__}"
            checks.add(name, wrong=wrong, allowed=allowed, fix=f"change {name}")
    checks.raise_if_any(type(properties).__name__.removesuffix("Props"))


def _shown(value: object, *, hidden: bool) -> str:
    """The value, unless a password may be in it: hidden ones (`field(repr=False)`), addresses, what holds others."""
    plain = isinstance(value, int | float | None) or (isinstance(value, str) and "://" not in value)
    of_plain = isinstance(value, list | tuple) and all(isinstance(each, str) and "://" not in each for each in value)
    return "it" if (hidden and value is not None) or not (plain or of_plain) else repr(value)


def _expected(value: object, annotation: Any) -> str | None:
    """What is allowed instead, where the value is of another type."""
    kind = get_origin(annotation) or annotation
    if kind in _PLAIN:
        kinds, allowed = _PLAIN[kind]
        fits = isinstance(value, kinds) and (kind is bool or not isinstance(value, bool))
    elif getattr(kind, "_is_protocol", False):
        missing = [name for name in vars(kind) if not name.startswith("_") and not hasattr(value, name)]
        allowed, fits = f"a {kind.__name__}: what has {', '.join(missing)}", not missing
    else:
        allowed, fits = f"a {getattr(kind, '__name__', kind)}", not isinstance(kind, type) or isinstance(value, kind)
    return None if fits else allowed
