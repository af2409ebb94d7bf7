"""What people see."""

from collections.abc import Sequence

from rich.console import Console

from metaflow_gcp_tools.commands.logs.found import Line, Where


def lines(console: Console, where: Where, found: Sequence[Line]) -> None:
    """As they were written; of several pods each with where it is from."""
    names = {pod: f"{each.step}/{each.task}" for each in where.attempts for pod in each.pods}
    several = len({(line.pod, line.container) for line in found}) > 1
    for line in found:
        before = f"{names.get(line.pod, line.pod)} {line.container} | " if several else ""
        console.print(f"{before}{line.text}")


def links(console: Console, where: Where) -> None:
    for each in where.links:
        console.print(each)


def nothing(console: Console, where: Where) -> None:
    console.print("Cloud Logging has no logs of these pods. Logs are kept for 30 days and can take a minute to arrive.")
    links(console, where)
