"""Changing keys of a JSON object in its text: what is not changed keeps every byte."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SPACE = " \t\r\n"


class NotAnObject(ValueError):
    """The text is no JSON object. The message says where it stops being one."""


@dataclass(frozen=True, kw_only=True)
class _Member:
    """Where a member of the object stands in the text."""

    name: str
    start: int
    """Of the name's first quote."""
    value_start: int
    end: int


def read(text: str) -> dict[str, Any]:
    """The object. Raises `NotAnObject`."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise NotAnObject(str(error)) from None
    if not isinstance(found, dict):
        raise NotAnObject("it is not an object")
    return found


def changed(text: str, new: Mapping[str, Any], gone: frozenset[str]) -> str:
    """The text with the keys of `new` set, those that are new at its end, and without those of `gone`.

    Raises `NotAnObject`.
    """
    found = read(text)
    for name in gone & found.keys():
        text = _without(text, name)
    for name, value in new.items():
        if name not in found or found[name] != value:
            text = _with(text, name, json.dumps(value, ensure_ascii=False))
    return text


def _with(text: str, name: str, value: str) -> str:
    members = _members(text)
    # Of a name that stands there twice, the last one counts.
    for member in reversed(members):
        if member.name == name:
            return text[: member.value_start] + value + text[member.end :]
    member_text = f"{json.dumps(name)}: {value}"
    if not members:
        opening = text.index("{") + 1
        return f"{text[:opening]}\n  {member_text}\n{text[text.index('}', opening) :]}"
    last = members[-1]
    return f"{text[: last.end]},{_space_before(text, last)}{member_text}{text[last.end :]}"


def _without(text: str, name: str) -> str:
    while True:
        members = _members(text)
        at = next((index for index, member in enumerate(members) if member.name == name), None)
        if at is None:
            return text
        if at > 0:
            # With the comma before it.
            start, end = members[at - 1].end, members[at].end
        elif len(members) > 1:
            start, end = members[0].start, members[1].start
        else:
            start, end = members[0].start, members[0].end
        text = text[:start] + text[end:]


def _members(text: str) -> list[_Member]:
    """Of an object that `read` has read."""
    decoder = json.JSONDecoder()
    members = []
    position = _skip(text, text.index("{") + 1)
    while text[position] != "}":
        name, after_name = decoder.raw_decode(text, position)
        value_start = _skip(text, _skip(text, after_name) + 1)
        _, end = decoder.raw_decode(text, value_start)
        members.append(_Member(name=name, start=position, value_start=value_start, end=end))
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)
    return members


def _skip(text: str, position: int) -> int:
    while text[position] in _SPACE:
        position += 1
    return position


def _space_before(text: str, member: _Member) -> str:
    """What separates a member from what is before it: a line break and its indentation, or a blank, or nothing."""
    start = member.start
    while text[start - 1] in _SPACE:
        start -= 1
    return text[start : member.start]
