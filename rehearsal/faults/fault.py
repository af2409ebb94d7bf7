"""One fault, and the grammar of `--fail`.

TYPE.NAME[:create|read|update|delete][:before|after][:KIND][:TIMES]
STACK:locked
STACK:disk-full
"""

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

Operation = Literal["create", "read", "update", "delete"]
When = Literal["before", "after"]

OPERATIONS: tuple[Operation, ...] = ("create", "read", "update", "delete")
WHENS: tuple[When, ...] = ("before", "after")
KINDS = {
    "unavailable": "the API answers 503; with `after`, the cloud has acted and the answer is lost",
    "quota": "the project's quota is exhausted",
    "stockout": "the zone has no such machines (node pools)",
    "expired": "the token has expired",
    "slow": "slow=MINUTES: the cloud takes that long; more than the provider's timeout fails",
    "killed": "killed=provider, killed=terraform or killed=cdktf: SIGKILL at that moment",
}
KILLED = ("provider", "terraform", "cdktf")
STACK_KINDS = {"locked": "somebody else holds the state's lock", "disk-full": "the state cannot be written"}
ALLOWED = "TYPE.NAME[:create|read|update|delete][:before|after][:KIND][:TIMES], STACK:locked or STACK:disk-full"

_ADDRESS = re.compile(r"[a-z][a-z0-9_*?]*\.[A-Za-z_*?][\w*?-]*|\*\.\*")
_STOCKED = ("google_container_node_pool",)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What breaks, and how often: `times` counts for each resource that the address matches."""

    address: str
    """`TYPE.NAME`, where `*` stands for any; or, of a fault of the state, the stack."""
    operation: Operation = "create"
    when: When = "before"
    kind: str = "unavailable"
    value: str = ""
    """Of `slow` the minutes, of `killed` the process."""
    times: int = 1

    @property
    def type(self) -> str:
        return self.address.partition(".")[0]

    @property
    def of_state(self) -> bool:
        return self.kind in STACK_KINDS

    def __str__(self) -> str:
        if self.of_state:
            return f"{self.address}:{self.kind}"
        kind = self.kind + (f"={self.value}" if self.value else "")
        return f"{self.address}:{self.operation}:{self.when}:{kind}" + (f":{self.times}" if self.times > 1 else "")


def parse(text: str, addresses: Collection[str] | None = None, stacks: Collection[str] | None = None) -> Fault:
    """A value of `--fail`. `addresses` and `stacks`, where given, are what there is.

    Raises ValueError: what is wrong, what is allowed, and the nearest names.
    """
    address, *words = text.split(":")
    if words and words[0] in STACK_KINDS and len(words) == 1 and "." not in address:
        if stacks is not None and address not in stacks:
            raise _wrong(text, f"there is no stack {address!r}", sorted(stacks), address)
        return Fault(address=address, kind=words[0])
    if stacks is not None and address in stacks:
        told = ":".join(words) or "nothing"
        raise _wrong(text, f"a stack can be {' or '.join(STACK_KINDS)}, not {told!r}", STACK_KINDS, told)
    if not _ADDRESS.fullmatch(address):
        raise _wrong(text, f"{address!r} is not the address of a resource", sorted(addresses or ()), address)
    given = _words(text, words)
    fault = Fault(address=address, **given)
    if addresses is not None and not any(character in address for character in "*?") and address not in addresses:
        raise _wrong(text, f"no stack has a resource {address!r}", sorted(addresses), address)
    _fits(text, fault)
    return fault


def _words(text: str, words: list[str]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for word in words:
        for field, value in _word(text, word).items():
            if field in given:
                raise _wrong(text, f"{word!r} is the second {field}")
            given[field] = value
    return given


def _word(text: str, word: str) -> dict[str, Any]:
    """No word means two things: they may come in any order."""
    kind, equals, value = word.partition("=")
    if word in OPERATIONS:
        return {"operation": word}
    if word in WHENS:
        return {"when": word}
    if re.fullmatch(r"[1-9]\d{0,3}", word):
        return {"times": int(word)}
    if kind not in KINDS:
        raise _wrong(text, f"{word!r} is not known", [*OPERATIONS, *WHENS, *KINDS, *STACK_KINDS], kind)
    if kind == "slow" and not re.fullmatch(r"[1-9]\d{0,4}", value):
        raise _wrong(text, f"{word!r}: slow needs the minutes, such as slow=25")
    if kind == "killed" and value not in KILLED:
        raise _wrong(text, f"{word!r}: killed needs {', '.join(KILLED[:-1])} or {KILLED[-1]}", KILLED, value)
    if kind not in ("slow", "killed") and equals:
        raise _wrong(text, f"{word!r}: {kind} takes no value")
    return {"kind": kind, "value": value}


def _fits(text: str, fault: Fault) -> None:
    """Refuses what no real provider can meet."""
    if fault.kind == "stockout" and "*" not in fault.type and fault.type not in _STOCKED:
        raise _wrong(text, f"{fault.type} starts no machines: stockout is for {', '.join(_STOCKED)}")
    if fault.kind == "quota" and not fault.type.startswith(("google_", "*")):
        raise _wrong(text, f"{fault.type} has no quota of a project: quota is for google's types")
    if fault.kind in ("quota", "stockout") and fault.operation not in ("create", "update"):
        raise _wrong(text, f"{fault.kind} is for create and update, not for {fault.operation}")
    if fault.kind in ("quota", "expired") and fault.when == "after":
        raise _wrong(text, f"{fault.kind} is refused before the cloud acts: leave `after` out")
    if fault.operation == "read" and fault.when == "after":
        raise _wrong(text, "read changes nothing: leave `after` out")
    if fault.type.startswith("random_") and fault.kind != "killed":
        raise _wrong(text, "the random provider asks no cloud: only killed=... is for it")


def _wrong(text: str, what: str, names: Collection[str] = (), near: str = "") -> ValueError:
    found = difflib.get_close_matches(near, names, n=3, cutoff=0.5) if near else []
    hint = f" Did you mean {' or '.join(found)}?" if found else ""
    return ValueError(f"--fail {text}: {what}.{hint}\n  allowed: {ALLOWED}\n  kinds: {', '.join(KINDS)}")
