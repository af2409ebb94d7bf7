"""Setting a machine up: what is found, what has to change, and the question before it is written."""

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from metaflow_gcp_tools.checks import Check
from metaflow_gcp_tools.commands.configure import checks, metaflow_home, show, source as sources
from metaflow_gcp_tools.commands.configure.source import Source
from metaflow_gcp_tools.machine import current_context, files, kubeconfig
from metaflow_gcp_tools.machine.files import Change
from metaflow_gcp_tools.platform.description import Platform, profiles
from metaflow_gcp_tools.problems import CommandFailed, Problem, WrongUse, interruptible
from metaflow_gcp_tools.terminal.output import Output


def source(project: str | None, environment: str | None, from_: str | None) -> Source:
    if project is not None:
        return sources.from_project(project, environment or sources.DEFAULT_ENVIRONMENT)
    assert from_ is not None
    return sources.from_uri(from_) if from_.startswith("gs://") else sources.from_files(from_)


def written(
    found: Source, profile: str, output: Output, *, use_context: bool, ask: bool
) -> tuple[list[Change], dict[Path, Path | None]]:
    """All changes, and the backup of each file that was written."""
    try:
        with files.lock(metaflow_home.lock_file()):
            # In this order: what tells other commands and later runs that it is done comes last.
            changes = [
                metaflow_home.config(found, profile),
                *kubeconfig.changes(found.platform, use_context=use_context),
                *metaflow_home.copies(found, profile),
            ]
            return changes, _write(changes, output, ask=ask)
    except OSError as error:
        raise CommandFailed.of(
            what=f"{error.filename or 'a file'} cannot be read or written: {error.strerror}",
            next_step="check its permissions and free disk space, then retry; every file is complete",
        ) from None


def _write(changes: Sequence[Change], output: Output, *, ask: bool) -> dict[Path, Path | None]:
    needed = [change for change in changes if change.needed]
    if not needed:
        show.nothing_to_do(output)
        return {}
    shown = [change for change in needed if change.differences]
    show.changes(output, shown)
    if shown and ask:
        _ask(output)
    backups = {change.file: files.apply(change) for change in needed}
    show.backups(output, backups)
    return backups


def _ask(output: Output) -> None:
    if output.as_json or not sys.stdin.isatty():
        raise WrongUse.of(
            what="there is no one to ask whether to write this" if not output.as_json else "--json does not ask",
            next_step="add --yes to write without asking",
        )
    output.progress.print()
    with interruptible("asking whether to write this", left="nothing was written"):
        wanted = typer.confirm("Write this?", default=True, err=True)
    if not wanted:
        raise CommandFailed.of(what="nothing was written", next_step="")


def jobs_elsewhere(platform: Platform, profile: str) -> dict[str, Problem]:
    """The profiles, this one and others, whose jobs do not go to their platform without `metaflow-gcp run`."""
    apart = {}
    for each in sorted({profile, *profiles()}):
        try:
            there = platform if each == profile else Platform.load(each)
        except CommandFailed:
            continue
        if problem := current_context.of_client(there).problem(there, each):
            apart[each or "default"] = problem
    return apart


def checked(platform: Platform, output: Output) -> list[Check]:
    output.progress.print("\nChecking:")
    done = []
    for check in checks.all_of(platform):
        show.check(output, check)
        done.append(check)
    return done
