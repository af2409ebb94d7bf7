"""The Gantt chart: a table, so that it can be read, searched and spoken; its bars are drawn by the page's style."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from rehearsal.page.words import about, anchor, breakable, clock, duration, name, plural, text, type_of

_LONG = 20
"""Seconds. What is shorter, and not on the critical path, is folded away."""
_WORTH_A_ROW = 2
"""Seconds. What is shorter is folded away even there."""
_TICKS = (10, 30, 60, 120, 300, 600, 1800, 3600)
_MOST_TICKS = 9

_ARROWS = {"dependency": " → ", "turn": " ⇢ ", "lock": " ⇢ "}
"""Before a step of the critical path: it needed the one before, or only waited until that was done."""

Expected = dict[str, Any]


def timeline(expected: Expected, kind: str) -> str:
    """All stacks of a deployment or a destruction on one scale."""
    whole = max(expected["seconds"], 1)
    tick = next((each for each in _TICKS if whole / each <= _MOST_TICKS), _TICKS[-1])
    stacks = "".join(_stack(stack, kind, whole) for stack in expected["stacks"])
    return f'<div class="chart" style="--tick:{100 * tick / whole:.3f}%">{_axis(whole, tick)}{stacks}</div>'


def critical_path(expected: Expected) -> str:
    """In words: what the time goes into, and what would shorten it."""
    return f'<ul class="paths">{"".join(_path(stack) for stack in expected["stacks"])}</ul>'


def _path(stack: dict[str, Any]) -> str:
    operations = {each["address"]: each for each in stack["operations"]}
    names = Counter(map(name, operations))

    def called(address: str) -> str:
        """Its name; with its type, where another one has the same."""
        short = name(address)
        return text(short if names[short] == 1 else f"{type_of(address)}.{short}")

    shown = "".join(
        f"{_ARROWS[each['why']]}{called(each['address'])} <small>{duration(each['end'] - each['start'])}</small>"
        for each in (operations[address] for address in stack["critical_path"])
        if each["end"] - each["start"] >= _WORTH_A_ROW
    ).lstrip(" →⇢")
    shortcuts = "".join(f"<li>{_shortcut(each, called)}</li>" for each in stack["shortcuts"])
    return (
        f"<li><b>{text(stack['stack'])}</b>, {about(stack['seconds'])}: {shown or 'nothing that takes time'}"
        + (f'<ul class="shortcuts">{shortcuts}</ul>' if shortcuts else "")
        + "</li>"
    )


def _shortcut(each: dict[str, Any], called: Callable[[str], str]) -> str:
    because = each["because"]
    how = because if because in ("depends_on", "provider", "Terraform's state") else f"attribute {because}"
    return (
        f"{duration(each['seconds'])} shorter if <code>{called(each['address'])}</code> did not need "
        f"<code>{called(each['needs'])}</code> <small>({text(how)})</small>"
    )


def _axis(whole: int, tick: int) -> str:
    marks = "".join(
        f'<span style="left:{100 * at / whole:.3f}%">{clock(at)}</span>' for at in range(0, whole * 19 // 20, tick)
    )
    return f'<div class="axis" aria-hidden="true"><div>{marks}</div></div>'


def _stack(stack: dict[str, Any], kind: str, whole: int) -> str:
    operations = sorted(stack["operations"], key=lambda each: (each["start"], -each["end"]))
    shown = [
        each for each in operations if each["end"] - each["start"] >= (_WORTH_A_ROW if each["critical"] else _LONG)
    ]
    folded = [each for each in operations if each not in shown]
    count = plural(len(operations), "resource")
    title = f"{text(stack['stack'])} <small>{about(stack['seconds'])}, {count}</small>"
    before = _row("", stack["start"], 0, stack["before"], whole, first="Terraform installs providers and plans")
    parts = [f"<h4>{title}</h4>", _table(stack, before + "".join(_rows(stack, shown, kind, whole)), kind)]
    if folded:
        more = f"{plural(len(folded), 'more resource')}, each under {_LONG} s"
        rows = "".join(_rows(stack, folded, kind, whole))
        parts.append(f"<details><summary>{more}</summary>{_table(stack, rows, kind)}</details>")
    return f'<section id="{anchor(kind, stack["stack"], "stack")}">{"".join(parts)}</section>'


def _table(stack: dict[str, Any], rows: str, kind: str) -> str:
    caption = f"{kind} of {text(stack['stack'])}: resources by start"
    columns = "".join(f'<th role="columnheader">{each}</th>' for each in ("resource", "when", "how long"))
    # The style lays rows out as a grid, at which browsers forget that this is a table: the roles say so again.
    return (
        f'<table role="table"><caption>{caption}</caption><thead role="rowgroup"><tr role="row">{columns}</tr></thead>'
        f'<tbody role="rowgroup">{rows}</tbody></table>'
    )


def _rows(stack: dict[str, Any], operations: list[dict[str, Any]], kind: str, whole: int) -> Iterator[str]:
    for each in operations:
        address = each["address"]
        classes = " ".join(
            word for word, holds in (("critical", each["critical"]), ("estimate", not each["source"])) if holds
        )
        yield _row(
            classes,
            stack["start"],
            each["start"],
            each["end"],
            whole,
            first=_named(address),
            id_=anchor(kind, stack["stack"], address),
            source=each["source"],
        )


def _named(address: str) -> str:
    name_, type_ = breakable(name(address)), breakable(type_of(address))
    return f'<span class="name">{name_}</span> <span class="type">{type_}</span>'


def _row(
    classes: str, base: int, start: int, end: int, whole: int, *, first: str, id_: str = "", source: str | None = None
) -> str:
    at, width = 100 * (base + start) / whole, 100 * (end - start) / whole
    spoken = f"{clock(base + start)} to {clock(base + end)}"
    said = [duration(end - start)]
    if id_ and not source:
        said.append('<abbr title="an estimate">est.</abbr>')
    if "critical" in classes:
        said.append('<span class="mark">critical</span>')
    shown = (source or "").removeprefix("https://")
    hint = f' title="{text(shown)}"' if shown else ""
    attributes = "".join(f' {key}="{text(value)}"' for key, value in (("id", id_), ("class", classes)) if value)
    return (
        f'<tr role="row"{attributes}><th role="rowheader">{first}</th>'
        f'<td role="cell" class="bar"><span class="spoken">{spoken}</span>'
        f'<span class="fill" style="left:{at:.3f}%;width:{width:.3f}%"></span></td>'
        f'<td role="cell" class="long"{hint}>{" ".join(said)}</td></tr>'
    )
