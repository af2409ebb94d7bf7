"""A plan, for people to read: what loses data first, then the rest."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from metaflow_gcp_tools.manifest import Manifest
from metaflow_gcp_tools.plan.changes import Change, Changes
from metaflow_gcp_tools.plan.contents import Created, Scales, Stacks, at_rest, creates, scales
from metaflow_gcp_tools.plan.kinds import Kind

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table


def changes(console: "Console", file: Path, found: Changes) -> None:
    console.print(f"{file}: {_counts(found)}", markup=False)
    if not found.complete:
        console.print("  Terraform did not plan to the end: there may be more than what follows.", style="yellow")
    if lost := found.of_effect("data"):
        console.print()
        console.print("DATA IS LOST", style="bold red")
        for change in lost:
            _lost(console, change)
    if interrupted := found.of_effect("interruption"):
        console.print()
        console.print("Interrupted, at least until the deployment is over", style="yellow")
        for (kind, action), of_kind in _grouped(interrupted):
            which = f"{kind.one} {of_kind[0].address}" if len(of_kind) == 1 else f"{len(of_kind)} {kind.many}"
            console.print(f"  {action} {which}: {kind.lost}", markup=False)
    if harmless := found.of_effect("harmless"):
        console.print()
        console.print("Nobody notices")
        for (kind, action), of_kind in _grouped(harmless):
            console.print(f"  {action} {len(of_kind)} {kind.one if len(of_kind) == 1 else kind.many}", markup=False)
    if not found.gone:
        console.print("  Nothing is replaced or destroyed.")
    console.print()


def _counts(found: Changes) -> str:
    counts = [f"{found.counts.get(action, 0)} to {action}" for action in ("create", "update", "replace", "destroy")]
    if forgotten := found.counts.get("forget"):
        counts.append(f"{forgotten} to leave alone from now on")
    return ", ".join(counts)


def _grouped(changes: Iterable[Change]) -> Iterable[tuple[tuple[Kind, str], list[Change]]]:
    groups: dict[tuple[Kind, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.kind, change.action), []).append(change)
    return groups.items()


def _lost(console: "Console", change: Change) -> None:
    name = f" {change.name}:" if change.name else ""
    console.print(f"  {change.action} {change.kind.one}{name} {change.address}", style="bold", markup=False)
    console.print(f"    lost: {change.kind.lost}", markup=False)
    console.print(f"    to have it back: {change.kind.back}", markup=False)
    for force in change.forced_by:
        setting = f" (setting: {force.setting})" if force.setting else ""
        console.print(f"    because {force.attribute} changes: {force.before} -> {force.after}{setting}", markup=False)
    if not change.forced_by and change.reason:
        console.print(f"    because {change.reason}", markup=False)


def deployment(console: "Console", manifest: Manifest, stacks: Stacks) -> None:
    console.print(
        f"The platform {manifest.environment} in the project {manifest.project}, region {manifest.region}", markup=False
    )
    for headline, content in (
        ("What a deployment creates", _created(creates(stacks), list(stacks.configurations))),
        ("What you pay for while no task runs", _lines(at_rest(stacks))),
        ("What grows with the tasks", _scales(scales(stacks))),
        ("Quotas that it needs", _quotas(manifest)),
    ):
        console.print()
        console.print(headline, style="bold")
        console.print(content)


def _lines(lines: Sequence[str]) -> "RenderableType":
    from rich.text import Text

    return Text("\n".join(f"  {line}" for line in lines))


def _table(*columns: str) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=True)
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    return table


def _created(created: Sequence[Created], stacks: Sequence[str]) -> "RenderableType":
    table = _table("", *stacks)
    for type_ in dict.fromkeys(each.type for each in created):
        of_type = {each.stack: each for each in created if each.type == type_}
        name = max(of_type.values(), key=lambda each: each.count).name
        table.add_row(name, *(str(of_type[stack].count) if stack in of_type else "" for stack in stacks))
    table.add_section()
    table.add_row("all", *(str(sum(each.count for each in created if each.stack == stack)) for stack in stacks))
    return table


def _scales(found: Sequence[Scales]) -> "RenderableType":
    table = _table("", "from", "to", "")
    for each in found:
        table.add_row(each.what, str(each.at_least), str(each.at_most), each.unit)
    return table


def _quotas(manifest: Manifest) -> "RenderableType":
    table = _table("", "counted", "at start", "at maximum")
    for quota in manifest.quotas:
        table.add_row(quota.metric, quota.region or "in all regions", str(quota.at_start), str(quota.at_maximum))
    return table
