"""What a plan costs, for people to read."""

from rich.console import Console

from metaflow_gcp_tools.commands.plan import layout
from metaflow_gcp_tools.commands.plan.costs import Cost, Costs, Difference, Price
from metaflow_gcp_tools.prices.current import Found
from metaflow_gcp_tools.prices.node import Hour

UNKNOWN = "unknown"


def at_rest(console: Console, costs: Costs) -> None:
    currency = costs.book.currency
    layout.headline(console, f"What you pay for while no task runs, in {costs.region}")
    table = layout.table("", f"{currency} a month")
    for cost in costs.at_rest:
        table.add_row(cost.what, month(cost))
    table.add_section()
    table.add_row("total, without usage-based costs" + (_but_unknown(costs)), f"{costs.month:.2f}")
    layout.show(console, table)


def _but_unknown(costs: Costs) -> str:
    return f" and {len(costs.unknown)} unknown prices" if costs.unknown else ""


def month(cost: Cost) -> str:
    """What it costs in a month, or how it is paid for."""
    if cost.month is None:
        return UNKNOWN
    return " + ".join([f"{cost.month:.2f}"] * bool(cost.month) + [_by_use(each) for each in cost.by_use])


def _by_use(price: Price) -> str:
    return UNKNOWN if price.price is None else f"{price.price:g} per {price.unit}"


def hours(console: Console, costs: Costs) -> None:
    layout.headline(console, "What a node costs while it runs")
    table = layout.table("", "", f"{costs.book.currency} an hour")
    for each in costs.hours:
        saved = f", {each.hour.discount:.0%} off" if each.hour.discount else ""
        table.add_row(f"pool {each.pool}: {each.machine}", f"{each.provisioning}{saved}", hour(each.hour))
    layout.show(console, table)


def hour(found: Hour) -> str:
    if found.price is None:
        return UNKNOWN
    return f"{'at most ' if found.at_most else ''}{found.price:.3f}"


def difference(console: Console, found: Difference) -> None:
    if not (found.before.at_rest or found.after.at_rest):
        return
    console.print()
    currency = found.after.book.currency
    sign = "+" if found.month >= 0 else "-"
    layout.line(
        console,
        f"At rest: {sign} {abs(found.month):.2f} {currency} a month ({found.before.month:.2f} -> "
        f"{found.after.month:.2f})",
        style="bold",
    )
    for sign, costs in (("-", found.gone), ("+", found.new)):
        for cost in costs:
            layout.line(console, f"{sign} {month(cost)}: {cost.what}", indent=2)


def prices(console: Console, found: Found) -> None:
    console.print()
    layout.line(
        console,
        f"Prices: {found.book.source} of {found.book.date}. Not included: taxes, network traffic, your discounts.",
    )
    if found.why_shipped:
        layout.line(console, f"Could not read Google's current price list: {found.why_shipped}")
