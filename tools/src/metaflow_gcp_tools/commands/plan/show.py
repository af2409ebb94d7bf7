"""A plan, for people to read: what loses data first, then the rest."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from metaflow_gcp_tools.clock.expected import minutes
from metaflow_gcp_tools.commands.plan import layout, show_costs
from metaflow_gcp_tools.commands.plan.at_rest import parts
from metaflow_gcp_tools.commands.plan.changes import Change, Changes
from metaflow_gcp_tools.commands.plan.contents import Created, Scales, Stacks, creates, scales, takes
from metaflow_gcp_tools.commands.plan.costs import Costs, Difference
from metaflow_gcp_tools.commands.plan.kinds import Kind
from metaflow_gcp_tools.commands.plan.protection import Weakened
from metaflow_gcp_tools.platform.manifest import Manifest
from metaflow_gcp_tools.prices.current import Found


def changes(console: Console, file: Path, found: Changes, difference: Difference | None) -> None:
    layout.line(console, f"{file}: {_counts(found)}")
    if not found.complete:
        layout.line(
            console, "Terraform did not finish planning: there may be more than what follows.", indent=2, style="yellow"
        )
    if lost := found.of_effect("data"):
        console.print()
        console.print("DATA IS LOST", style="bold red")
        for change in lost:
            _lost(console, change)
    if found.weakened:
        console.print()
        console.print("DATA IS LESS PROTECTED", style="bold red")
        for each in found.weakened:
            _weakened(console, each)
    _the_rest(console, found)
    if not found.gone:
        console.print("  Nothing is replaced or destroyed.")
    if difference:
        show_costs.difference(console, difference)
    console.print()


def _the_rest(console: Console, found: Changes) -> None:
    """What goes, and loses no data."""
    if interrupted := found.of_effect("interruption"):
        console.print()
        console.print("Interrupted, at least until the deployment has finished", style="yellow")
        for (kind, action), of_kind in _grouped(interrupted):
            which = f"{kind.one} {of_kind[0].address}" if len(of_kind) == 1 else f"{len(of_kind)} {kind.many}"
            layout.line(console, f"{action} {which}: {kind.lost}", indent=2)
    if harmless := found.of_effect("harmless"):
        console.print()
        console.print("No visible effect")
        for (kind, action), of_kind in _grouped(harmless):
            layout.line(console, f"{action} {len(of_kind)} {kind.one if len(of_kind) == 1 else kind.many}", indent=2)


def _counts(found: Changes) -> str:
    counts = [f"{found.counts.get(action, 0)} to {action}" for action in ("create", "update", "replace", "destroy")]
    if forgotten := found.counts.get("forget"):
        counts.append(f"{forgotten} no longer managed")
    return ", ".join(counts)


def _grouped(changes: Iterable[Change]) -> Iterable[tuple[tuple[Kind, str], list[Change]]]:
    groups: dict[tuple[Kind, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.kind, change.action), []).append(change)
    return groups.items()


def _lost(console: Console, change: Change) -> None:
    name = f" {change.name}:" if change.name else ""
    layout.line(console, f"{change.action} {change.kind.one}{name} {change.address}", indent=2, style="bold")
    layout.line(console, f"lost: {change.kind.lost}", indent=4)
    layout.line(console, f"to get it back: {change.kind.back}", indent=4)
    for force in change.forced_by:
        setting = f" (setting: {force.setting})" if force.setting else ""
        layout.line(console, f"because {force.attribute} changes: {force.before} -> {force.after}{setting}", indent=4)
    if not change.forced_by and change.reason:
        layout.line(console, f"because {change.reason}", indent=4)


def _weakened(console: Console, each: Weakened) -> None:
    setting = f" (setting: {each.setting})" if each.setting else ""
    name = f"{each.name}: " if each.name else ""
    layout.line(console, f"{name}{each.address}", indent=2, style="bold")
    layout.line(console, f"{each.what}: {each.before} -> {each.after}{setting}", indent=4)


def deployment(console: Console, manifest: Manifest, stacks: Stacks, costs: Costs | None) -> None:
    layout.line(
        console, f"The platform {manifest.environment} in the project {manifest.project}, region {manifest.region}"
    )
    created = creates(stacks)
    layout.headline(console, f"What a deployment creates: {sum(each.count for each in created)} resources")
    layout.show(console, _created(created, list(stacks.configurations)))
    layout.line(console, COUNTED, indent=2, style="dim")
    if time := takes(stacks):
        created_in, destroyed_in = minutes(time.deploy), minutes(time.destroy)
        layout.line(console, f"A deployment takes {created_in}, destroying it {destroyed_in}.", indent=2)
    if costs:
        show_costs.at_rest(console, costs)
        show_costs.hours(console, costs)
    else:
        layout.headline(console, "What you pay for while no task runs (`--prices` shows how much)")
        for part in parts(stacks):
            layout.line(console, part.what, indent=2)
    layout.headline(console, "What grows with the tasks")
    layout.show(console, _scales(scales(stacks)))
    layout.headline(console, "Quotas that it needs")
    layout.show(console, _quotas(manifest))


COUNTED = (
    "Terraform itself counts one more in each stack while deletion_protection is true: its guard against destroying."
)


def _created(created: Sequence[Created], stacks: Sequence[str]) -> Table:
    table = layout.table("", *stacks)
    for type_ in dict.fromkeys(each.type for each in created):
        of_type = {each.stack: each for each in created if each.type == type_}
        name = max(of_type.values(), key=lambda each: each.count).name
        table.add_row(name, *(str(of_type[stack].count) if stack in of_type else "" for stack in stacks))
    table.add_section()
    table.add_row("all", *(str(sum(each.count for each in created if each.stack == stack)) for stack in stacks))
    return table


def _scales(found: Sequence[Scales]) -> Table:
    table = layout.table("", "from", "to", "")
    for each in found:
        table.add_row(each.what, str(each.at_least), str(each.at_most), each.unit)
    return table


def _quotas(manifest: Manifest) -> Table:
    table = layout.table("", "counted", "at start", "at maximum")
    for quota in manifest.quotas:
        table.add_row(quota.metric, quota.region or "in all regions", str(quota.at_start), str(quota.at_maximum))
    return table


def prices(console: Console, found: Found) -> None:
    show_costs.prices(console, found)
