"""What a person sees: a table that grows on a terminal, lines elsewhere, and at the end what to do."""

from collections.abc import Sequence
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from metaflow_gcp_tools.checks import Check, State, ready
from metaflow_gcp_tools.commands.preflight.increase import Increase
from metaflow_gcp_tools.terminal.output import STYLES


class Report:
    """Shows checks as they come."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.checks: list[Check] = []
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self.console.soft_wrap = False
            self._live = Live(console=self.console, refresh_per_second=8, vertical_overflow="crop")
            self._live.start()
            self._show(done=False)
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._show(done=True)
            self._live.stop()

    def add(self, check: Check) -> None:
        self.checks.append(check)
        if self._live:
            self._show(done=False)
        else:
            for line in lines(check):
                self.console.print(line)

    def _show(self, *, done: bool) -> None:
        parts: list[RenderableType] = [table(self.checks)]
        if not done:
            parts.append(Spinner("dots", "asking"))
        if self._live:
            self._live.update(Group(*parts))

    def close(self) -> None:
        """Say what to do next."""
        if self.console.is_terminal:
            for text in _next_steps(self.checks):
                self.console.print(text)
        self.console.print(Text(closing(self.checks), style="bold"))


def lines(check: Check) -> list[str]:
    """Of one check, without colours: `PASS     project: exists: acme-metaflow is active`."""
    numbers = [
        f"{label} {value}" for label, value in zip(("need", "limit", "in use"), _numbers(check), strict=True) if value
    ]
    said = "; ".join((*numbers, check.says))
    first = f"{check.state:<8} {check.full_name}{_others(check)}: {said}"
    return [first, f"         -> {check.next_step}"] if check.next_step else [first]


def _others(check: Check) -> str:
    return f" and {len(check.also)} more" if check.also else ""


def table(checks: Sequence[Check]) -> Table:
    """By topic; need is at start, then at maximum."""
    found = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("", "check", "need", "limit", "in use", "found"):
        found.add_column(name, justify="right" if name in ("need", "limit", "in use") else "left", overflow="fold")
    topic = ""
    for check in checks:
        if check.topic != topic:
            topic = check.topic
            found.add_row(Text(""), Text(topic, style="bold"))
        found.add_row(
            Text(check.state, style=STYLES[check.state]),
            Text(f"{check.name}{_others(check)}"),
            *(Text(number) for number in _numbers(check)),
            Text(check.says),
        )
    return found


def closing(checks: Sequence[Check]) -> str:
    """One line: does a deployment work, which checks say no, and what then."""
    is_ready, because = ready(checks)
    which = "; ".join(f"{check.full_name}{_others(check)}" for check in because)
    count = sum(1 + len(check.also) for check in because)
    all_of_them = sum(1 + len(check.also) for check in checks)
    if is_ready is False:
        verb, them = ("blocks", "it") if count == 1 else ("block", "them")
        return f"Not ready: {count} of {all_of_them} checks {verb} the deployment ({which}). Fix {them}, then retry."
    if is_ready is None:
        verb = "is" if count == 1 else "are"
        return f"Not known to be ready: {count} of {all_of_them} checks {verb} inconclusive ({which})."
    warnings = [check.full_name for check in checks if check.state is State.WARN]
    if warnings:
        s = "s" if len(warnings) > 1 else ""
        return f"Ready to deploy, with {len(warnings)} warning{s} ({'; '.join(warnings)}). Run `make deploy`."
    return f"Ready to deploy: all {all_of_them} checks are fine. Run `make deploy`."


def _next_steps(checks: Sequence[Check]) -> list[Text]:
    """Each once, with the checks that it fixes."""
    by_step: dict[str, list[Check]] = {}
    for check in checks:
        if check.next_step:
            by_step.setdefault(check.next_step, []).append(check)
    texts = [Text()]
    for step, fixed in by_step.items():
        style = STYLES[min(fixed, key=lambda check: list(State).index(check.state)).state]
        names = ", ".join(f"{check.name}{_others(check)}" for check in fixed)
        texts.append(Text.assemble((names, style), f"\n  {step}"))
    return [*texts, Text()] if by_step else texts


def to_file(console: Console, increases: Sequence[Increase]) -> None:
    console.print("To file with Cloud Quotas:", style="bold")
    for each in increases:
        console.print(f"  {each.check}: {each.wanted}")


def increases(console: Console, done: Sequence[Increase]) -> None:
    for each in done:
        console.print(f"{each.outcome}: {each.check}: {each.wanted}. {each.says}")


def _numbers(check: Check) -> tuple[str, str, str]:
    """Need, limit and in use."""
    need = f"{check.need['at_start']} to {check.need['at_maximum']}" if check.need else ""
    return need, _number(check.limit), _number(check.in_use)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
