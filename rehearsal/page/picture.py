"""The graph of a stack's resources, as SVG."""

from typing import Any

from rehearsal.page.layout import Needs, layout
from rehearsal.page.words import anchor, duration, name, text, type_of

_WIDTH, _HEIGHT = 230, 34
_GAP, _ROW = 70, 42
_MARGIN = 8
_LETTERS = 30
"""As many as fit into a box."""


def picture(stack: str, needs: Needs, operations: dict[str, dict[str, Any]]) -> str:
    """`operations` by address: how long each takes, and whether it is on the critical path."""
    drawn = layout(needs)
    tallest = max((len(column) for column in drawn.columns), default=0)
    where = {
        address: (_MARGIN + at * (_WIDTH + _GAP), _MARGIN + number * _ROW)
        for at, column in enumerate(drawn.columns)
        for number, address in enumerate(column)
    }
    width = 2 * _MARGIN + len(drawn.columns) * (_WIDTH + _GAP) - _GAP
    height = 2 * _MARGIN + tallest * _ROW
    index = {address: number for number, address in enumerate(where)}
    lines = "".join(
        f'<path class="{_critical(one, operations, other)}" data-from="{index[one]}" data-to="{index[other]}" '
        f'd="{_curve(where[one], where[other])}"/>'
        for one, other in drawn.edges
    )
    boxes = "".join(_box(stack, address, where[address], index, needs, operations) for address in where)
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="group" '
        f'aria-label="Resources of {text(stack)} and what each waits for">{lines}{boxes}</svg>'
    )


def _box(
    stack: str,
    address: str,
    at: tuple[int, int],
    index: dict[str, int],
    needs: Needs,
    operations: dict[str, dict[str, Any]],
) -> str:
    x, y = at
    operation = operations.get(address)
    time = duration(operation["end"] - operation["start"]) if operation else ""
    waits = ", ".join(f"{name(other)} ({because})" for other, because in needs[address].items())
    told = f"{address}{f', {time}' if time else ''}. " + (f"Waits for {waits}." if waits else "Waits for nothing.")
    target = anchor("deploy", stack, operation["address"]) if operation else ""
    link = f' href="#{text(target)}"' if target else ""
    return (
        f'<a{link} class="{_critical(address, operations)}" data-node="{index[address]}" tabindex="0">'
        f"<title>{text(told)}</title>"
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="5"/>'
        f'<text x="{x + 8}" y="{y + 14}">{text(_short(name(address)))}</text>'
        f'<text class="type" x="{x + 8}" y="{y + 28}">{text(_short(type_of(address), time))}</text>'
        f'<text class="time" x="{x + _WIDTH - 8}" y="{y + 28}">{time}</text></a>'
    )


def _critical(address: str, operations: dict[str, dict[str, Any]], other: str | None = None) -> str:
    both = [operations.get(each) for each in (address, other) if each]
    return "critical" if all(each and each["critical"] for each in both) else ""


def _curve(one: tuple[int, int], other: tuple[int, int]) -> str:
    x, y = one[0] + _WIDTH, one[1] + _HEIGHT // 2
    to_x, to_y = other[0], other[1] + _HEIGHT // 2
    bend = (to_x - x) // 2
    return f"M{x} {y}C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}"


def _short(words: str, beside: str = "") -> str:
    """Cut where it does not fit, beside what stands at the end of the line."""
    most = _LETTERS - len(beside)
    return words if len(words) <= most else f"{words[: most - 1]}…"
