"""Changing a kubeconfig in its text: what is not changed keeps every byte, comments among them.

YAML in blocks, as kubectl and gcloud write it, and in flow style, which is JSON's. What is not found where its parser
says it is, such as behind an alias, is refused rather than guessed: the text is read again after each change.
"""

import io
import json
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

SECTIONS = ("clusters", "contexts", "users")

EMPTY = """\
apiVersion: v1
clusters: []
contexts: []
current-context: ""
kind: Config
preferences: {}
users: []
"""
"""As gcloud begins one."""


class NotAKubeconfig(ValueError):
    """The text is none, or one that cannot be changed in place."""


@lru_cache(maxsize=8)  # Parsing takes its time: 0.3 s for a hundred clusters.
def read(text: str) -> Mapping[str, Any]:
    """What is in it, not to be changed; nothing, if it is empty. Raises `NotAKubeconfig`."""
    from ruamel.yaml.error import YAMLError

    try:
        found = _yaml().load(text)
    except (YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise NotAKubeconfig(f"it is not valid YAML{where}") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise NotAKubeconfig("it is not a mapping")
    for section in SECTIONS:
        entries = found.get(section) or []
        if not isinstance(entries, list) or not all(isinstance(each, dict) and "name" in each for each in entries):
            raise NotAKubeconfig(f"its {section} are not a list of entries with names")
    return found


def entry(text: str, section: str, name: str) -> dict[str, Any] | None:
    """The entry of that name in one of `SECTIONS`. Raises `NotAKubeconfig`."""
    return next((each for each in read(text).get(section) or [] if each["name"] == name), None)


def with_entry(text: str, section: str, new: Mapping[str, Any]) -> str:
    """The text with this entry in one of `SECTIONS`, where the one of its name is, or last. Raises `NotAKubeconfig`."""
    text = _begun(text)
    before = read(text)
    entries = list(before.get(section) or [])
    at = next((index for index, each in enumerate(entries) if each["name"] == new["name"]), len(entries))
    expected = {**before, section: [*entries[:at], dict(new), *entries[at + 1 :]]}
    if at < len(entries):
        after = _replaced(text, _value(text, section).value[at], new)
    elif entries:
        after = _appended(text, _value(text, section), new)
    else:
        after = _first(text, section, new)
    return _checked(after, expected)


def with_current_context(text: str, name: str) -> str:
    """The text with this context as the current one. Raises `NotAKubeconfig`."""
    text = _begun(text)
    before = read(text)
    expected = {**before, "current-context": name}
    root = _root(text)
    if "current-context" in before:
        start, end = _span(text, "current-context")
        written = json.dumps(name) if root.flow_style else name
        after = text[:start] + (written if end > start else f" {written}") + text[end:]
    elif root.flow_style:
        after = _with_member(text, "current-context", json.dumps(name))
    else:
        after = _with_lines(text, _end(root), [f"{' ' * root.start_mark.column}current-context: {name}"])
    return _checked(after, expected)


def _begun(text: str) -> str:
    if read(text) or "{" in text:
        return text
    return text + ("\n" if text and not text.endswith("\n") else "") + EMPTY


def _checked(text: str, expected: Mapping[str, Any]) -> str:
    with suppress(NotAKubeconfig):
        if read(text) == expected:
            return text
    raise NotAKubeconfig("it is written in a way that cannot be changed in place")


def _replaced(text: str, node: Any, new: Mapping[str, Any]) -> str:
    start: int = node.start_mark.index
    if node.flow_style:
        end: int = node.end_mark.index
        return text[:start] + json.dumps(new) + text[end:]
    lines = _block(new)
    joined: str = (_line_break(text) + " " * node.start_mark.column).join(lines)
    return text[:start] + joined + text[_end_of_text(text, _end(node)) :]


def _appended(text: str, entries: Any, new: Mapping[str, Any]) -> str:
    last = entries.value[-1]
    if not entries.flow_style:
        return _with_lines(text, _end(last), _item(new, entries.start_mark.column))
    end = last.end_mark.index
    return f"{text[:end]},{_space_before(text, last.start_mark.index)}{json.dumps(new)}{text[end:]}"


def _first(text: str, section: str, new: Mapping[str, Any]) -> str:
    root = _root(text)
    there = section in read(text)
    # What is there is `[]`, `null` or nothing.
    start, end = _span(text, section) if there else (0, 0)
    if root.flow_style:
        written = f"[{json.dumps(new)}]"
        return text[:start] + written + text[end:] if there else _with_member(text, section, written)
    items = _item(new, root.start_mark.column)
    if not there:
        return _with_lines(text, _end(root), [f"{' ' * root.start_mark.column}{section}:", *items])
    before = text[:start].rstrip()
    return _with_lines(before + text[end:], len(before), items)


def _with_member(text: str, name: str, value: str) -> str:
    """The text of a mapping in flow style, with one more member."""
    root = _root(text)
    member = f"{json.dumps(name)}: {value}"
    if not root.value:
        start = root.start_mark.index + 1
        return text[:start] + member + text[start:]
    key, last = root.value[-1]
    end = last.end_mark.index
    return f"{text[:end]},{_space_before(text, key.start_mark.index)}{member}{text[end:]}"


def _with_lines(text: str, position: int, lines: list[str]) -> str:
    """The text with lines after the one that this position is in."""
    line_break = _line_break(text)
    position = _end_of_text(text, position)
    end = text.find("\n", position)
    end = len(text) if end < 0 else end
    if text[end - 1 : end] == "\r":
        end -= 1
    return text[:end] + "".join(line_break + line for line in lines) + text[end:]


def _end_of_text(text: str, position: int) -> int:
    """Blocks of literal text end where the next line begins; here they end with their last character."""
    return len(text[:position].rstrip())


def _item(new: Mapping[str, Any], column: int) -> list[str]:
    first, *others = _block(new)
    return [f"{' ' * column}- {first}", *(f"{' ' * column}  {line}" for line in others)]


def _block(new: Mapping[str, Any]) -> list[str]:
    written = io.StringIO()
    _yaml().dump(dict(new), written)
    return written.getvalue().splitlines()


def _line_break(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _space_before(text: str, position: int) -> str:
    before = text[:position]
    return before[len(before.rstrip()) :]


def _value(text: str, name: str) -> Any:
    """A value of the outermost mapping as the parser's node, which knows where it stands."""
    return next(value for key, value in _root(text).value if key.value == name)


def _span(text: str, name: str) -> tuple[int, int]:
    """From where to where such a value is written; an empty one right after the colon, not where its node stands."""
    key, value = next(each for each in _root(text).value if each[0].value == name)
    start, end = value.start_mark.index, value.end_mark.index
    if end > start:
        return start, end
    after_colon = text.index(":", key.end_mark.index) + 1
    return after_colon, after_colon


@lru_cache(maxsize=8)
def _root(text: str) -> Any:
    return _yaml().compose(text)


def _end(node: Any) -> int:
    """Where the last thing in a node ends. Blocks themselves end only where the next thing begins."""
    while isinstance(node.value, list) and node.value and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.width = 4096  # Google's hint is one line here, and two of gcloud's.
    return yaml
