"""Checks of properties, before Terraform sees them: all problems at once, each with what mends it.

Values that Terraform only knows later (CDKTF's tokens) pass every check. Nothing here needs Node.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One wrong property."""

    where: str
    """The property, as the person wrote it: `machine_type`, `gpu_pools.l4.machine_type`."""
    wrong: str
    """What is wrong, with the value received."""
    allowed: str
    """What is allowed."""
    fix: str
    """What to do."""

    def within(self, prefix: str) -> "Problem":
        """The same problem seen from further out: `zones` in pool `l4` becomes `gpu_pools.l4.zones`."""
        return Problem(where=f"{prefix}.{self.where}", wrong=self.wrong, allowed=self.allowed, fix=self.fix)

    def __str__(self) -> str:
        return f"{self.where}: {self.wrong}\n    allowed: {self.allowed}\n    fix: {self.fix}"


class InvalidProperties(ValueError):
    """Raised by a construct's properties; holds every problem that they have."""

    def __init__(self, owner: str, problems: Iterable[Problem]) -> None:
        self.owner = owner
        self.problems = tuple(problems)
        super().__init__("\n".join([f"{owner}: {len(self.problems)} problem(s)", *map(str, self.problems)]))


class Checks:
    """Collects problems.

    checks = Checks()
    checks.one_of("tier", tier, TIERS)
    checks.raise_if_any("PostgresDatabase")
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, where: str, *, wrong: str, allowed: str, fix: str) -> None:
        self.problems.append(Problem(where=where, wrong=wrong, allowed=allowed, fix=fix))

    @contextmanager
    def within(self, prefix: str) -> "Iterator[Checks]":
        """Checks whose problems are seen from further out: `tier` becomes `database.tier`."""
        inner = Checks()
        yield inner
        self.problems += [problem.within(prefix) for problem in inner.problems]

    def one_of(self, where: str, value: object, allowed: Collection[str]) -> None:
        if is_token(value) or value in allowed:
            return
        choices = ", ".join(sorted(allowed))
        self.add(where, wrong=f"{value!r} is not known", allowed=choices, fix=f"set {where} to one of these")

    def matches(self, where: str, value: str, pattern: str, allowed: str) -> None:
        """`allowed` says in words what `pattern` (the whole value must match) says in signs."""
        if is_token(value) or re.fullmatch(pattern, value):
            return
        self.add(where, wrong=f"{value!r} is not valid", allowed=allowed, fix=f"change {where}")

    def at_most(self, where: str, value: str, length: int, fix: str) -> None:
        if is_token(value) or len(value) <= length:
            return
        self.add(
            where,
            wrong=f"{value!r} has {len(value)} characters",
            allowed=f"at most {length} characters",
            fix=fix,
        )

    def between(self, where: str, value: float, low: float, high: float | None, unit: str = "") -> None:
        if is_token(value) or (low <= value and (high is None or value <= high)):
            return
        span = f"{low} or more {unit}".rstrip() if high is None else f"{low} to {high} {unit}".rstrip()
        self.add(where, wrong=f"{value} is out of range", allowed=span, fix=f"set {where} within it")

    def raise_if_any(self, owner: str) -> None:
        if self.problems:
            raise InvalidProperties(owner, self.problems)


# CDKTF hands out strings that hold a marker, and numbers in a range no real value has, for what is known later.
_STRING_TOKEN = re.compile(r"\$\{.*\}|#\{.*\}", re.DOTALL)
_NUMBER_TOKENS_BELOW = -1.8e289


def is_token(value: object) -> bool:
    """Whether the value is known to Terraform only. Decided here: asking CDKTF would start Node."""
    if isinstance(value, str):
        return _STRING_TOKEN.search(value) is not None
    if isinstance(value, (list, tuple)):
        return len(value) == 1 and is_token(value[0])
    return isinstance(value, float) and value <= _NUMBER_TOKENS_BELOW
