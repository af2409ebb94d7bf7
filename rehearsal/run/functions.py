"""The few functions of Terraform that decide where something is; of the others nobody needs the result."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from rehearsal.cloud import invent

_CALL = re.compile(r"([a-z0-9]+)\((.*)\)", re.DOTALL)

_KNOWN: dict[str, Callable[..., Any]] = {
    "sort": sorted,
    "element": lambda found, index: found[index % len(found)],
    "regex": lambda pattern, text: list(re.search(pattern, text).groups()),  # type: ignore[union-attr]
}


def called(text: str, value_of: Callable[[str], Any]) -> Any:
    """The result of a call; `value_of` is asked for what an argument refers to. Made up where we do not know it."""
    call = _CALL.fullmatch(text)
    if call is None or call[1] not in _KNOWN:
        return invent.digest(text, length=64)
    return _KNOWN[call[1]](*(_argument(each, value_of) for each in _arguments(call[2])))


def _argument(text: str, value_of: Callable[[str], Any]) -> Any:
    if text.startswith('"'):
        return text[1:-1]
    return int(text) if text.isdigit() else value_of(text)


def _arguments(text: str) -> Iterator[str]:
    """At the commas that stand neither in parentheses nor in quotes."""
    depth, start = 0, 0
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[(),]', text):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if found[0] == "," and depth == 0:
            yield text[start : found.start()].strip()
            start = found.end()
    yield text[start:].strip()
