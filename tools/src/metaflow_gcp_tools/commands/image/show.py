"""What a person sees of images."""

from collections.abc import Sequence
from pathlib import Path

from metaflow_gcp_tools.commands.image.work import Built, Checked, Pushed
from metaflow_gcp_tools.terminal.output import Output


def nothing_to_build(output: Output, reference: str, where: str) -> None:
    output.progress.print(f"{reference} is {where}: nothing to build")


def built(output: Output, found: Built) -> None:
    output.result.print(found.reference)


def push_next(output: Output, names: Sequence[str]) -> None:
    output.progress.print(f"Next: `metaflow-gcp image push {' '.join(names)}`")


def pushed(output: Output, found: Pushed) -> None:
    output.result.print(found.use)


def default(output: Output, file: Path, settings: str, *, dry_run: bool) -> None:
    verb = "would name" if dry_run else "names"
    output.progress.print(
        f"{file} {verb} it now: your own steps without an image run in it, until `metaflow-gcp configure` runs again.\n"
        "For the whole team, an administrator writes this into the platform's settings and deploys; then all run "
        "`configure` again:"
    )
    output.result.print(f"\n{settings}")


def checked(output: Output, found: Checked) -> None:
    health = {True: "its health check passes", False: "its health check fails", None: "not on this machine"}
    place = "in the registry" if found.in_registry else "not in the registry"
    latest = ", latest" if found.is_latest else ""
    output.result.print(f"{found.reference}: {place}{latest}; {health[found.healthy]}")
