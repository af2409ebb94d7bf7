"""What a person sees of a machine that is being set up."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from metaflow_gcp_tools.checks import Check
from metaflow_gcp_tools.commands.configure.source import Source
from metaflow_gcp_tools.machine.files import Change
from metaflow_gcp_tools.problems import Problem
from metaflow_gcp_tools.terminal.output import STYLES, Output

_STYLES = {"+": "green", "~": "yellow", "-": "red"}


def found(output: Output, source: Source) -> None:
    platform = source.platform
    text = f"Found the platform {platform.environment!r} of {platform.project}: {source.where}"
    output.progress.print(text)


def nothing_to_do(output: Output) -> None:
    output.progress.print("Nothing to do: everything is up to date.")


def changes(output: Output, shown: Sequence[Change]) -> None:
    for change in shown:
        new = "" if change.before is not None else " (new)"
        output.progress.print(f"\n{change.file}{new}")
        for line in change.differences:
            output.progress.print(f"  {line}", style=_STYLES[line[0]])


def backups(output: Output, written: Mapping[Path, Path | None]) -> None:
    for file, backup in written.items():
        if backup:
            output.progress.print(f"Backup of {file.name}: {backup}")


def jobs_elsewhere(output: Output, apart: Mapping[str, Problem]) -> None:
    """By profile."""
    for name, problem in apart.items():
        output.progress.print(f"\nNote, for the profile {name}: {problem.what}.", style="yellow")
        output.progress.print(f"  {problem.next_step}")


def check(output: Output, done: Check) -> None:
    output.progress.print(f"  {done.state}  {done.name}: {done.says}", style=STYLES[done.state])
    if done.next_step:
        output.progress.print(f"        {done.next_step}")


def done(output: Output, profile: str, *, checked: bool) -> None:
    of = f"METAFLOW_PROFILE={profile} " if profile else ""
    text = "This machine is set up" if checked else "Everything is written; nothing was checked"
    output.result.print(f"{text}. Next: `{of}metaflow-gcp run -- python flow.py run`")
