"""A status, for people to read: what is wrong first."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from metaflow_gcp_tools.commands.status.check import Status
from metaflow_gcp_tools.commands.status.endpoint import Name
from metaflow_gcp_tools.problems import Problem


def show(console: Console, status: Status) -> None:
    for problem in status.problems:
        console.print(Text.assemble(("problem", "bold red"), f" {problem.what}"))
        console.print(f"        {problem.next_step}")
    if status.problems:
        console.print()
    platform, cluster = status.platform, status.cluster
    version = f", GKE {cluster.version}, {cluster.status.lower()}" if cluster else ""
    which = f"{platform.environment} in {platform.project}"
    console.print(f"The platform {which}: cluster {platform.cluster_name}{version}")
    console.print("not healthy" if status.problems else "healthy", style="red" if status.problems else "green")
    console.print()
    console.print(_workloads(status))
    if status.migration:
        console.print(f"  database migration: {status.migration}")
    for service in status.services:
        if not service.ready:
            said = "not known" if service.ready is None else "no pod is ready"
            console.print(f"  {service.name} ({service.namespace}/{service.service}): {said}")
    if status.endpoint:
        console.print()
        endpoint(console, status.endpoint)
    if cluster:
        console.print()
        console.print(_pools(status))
    console.print()
    _tasks(console, status)
    for ask in dict.fromkeys(each.ask for each in status.unknown):
        what = ", ".join(each.what for each in status.unknown if each.ask == ask)
        console.print(Text.assemble(("UNKNOWN", "yellow"), f" {what}: {ask}"))


def endpoint(console: Console, names: Sequence[Name]) -> None:
    table = _table("endpoint", "address", "")
    for each in names:
        table.add_row(each.service, each.url, Text(each.says, style="" if each.state == "ready" else "yellow"))
    console.print(table)


def note(console: Console, apart: Problem | None) -> None:
    """Where flows send their jobs, when that is not this platform."""
    if apart:
        console.print(f"\nNote: {apart.what}.", style="yellow")
        console.print(f"  {apart.next_step}")


def _workloads(status: Status) -> Table:
    table = _table("service", "ready", "version")
    for each in status.workloads:
        # The chart says which release it is; else the tags of its images do.
        version = each.chart or ", ".join(image.rpartition("/")[2] for image in each.images)
        ready = Text(f"{each.ready}/{each.wanted}", style="" if each.healthy else "red")
        table.add_row(f"{each.namespace}/{each.name}", ready, version)
    return table


def _pools(status: Status) -> Table:
    table = _table("pool", "nodes now", "from", "to", "machine")
    for pool in status.cluster.pools if status.cluster else ():
        now = "?" if status.nodes is None else str(status.nodes.get(pool.name, 0))
        gpus = f", {pool.gpus_per_node} x {pool.gpu}" if pool.gpu else ""
        table.add_row(pool.name, now, str(pool.min_nodes), str(pool.max_nodes), f"{pool.machine_type}{gpus}")
    return table


def _table(first: str, *columns: str) -> Table:
    table = Table(first, *columns, box=SIMPLE_HEAD)
    table.show_edge = False
    return table


def _tasks(console: Console, status: Status) -> None:
    if status.running is None:
        return
    waiting = sum(len(each.tasks) for each in status.waiting)
    console.print(f"Tasks: {status.running} running, {waiting} waiting")
    for each in status.waiting:
        names = ", ".join(each.tasks[:3]) + (", ..." if len(each.tasks) > 3 else "")  # noqa: PLR2004 - enough to look one up
        since = f" since {each.since:%Y-%m-%d %H:%M} UTC" if each.since else ""
        console.print(f"  {len(each.tasks)} wait{since}: {each.why.what}")
        console.print(f"    {names}")
        console.print(f"    {each.why.next_step}")
