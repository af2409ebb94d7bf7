"""The options of `metaflow-gcp configure`, and what it does, in order."""

import re
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metaflow_gcp_tools.problems import CommandFailed, Problem, WrongUse, interruptible
from metaflow_gcp_tools.terminal.options import AsJson, Verbose, Yes
from metaflow_gcp_tools.terminal.output import Output

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from metaflow_gcp_tools.commands.configure.checks import Check
    from metaflow_gcp_tools.commands.configure.source import Source
    from metaflow_gcp_tools.machine.files import Change
    from metaflow_gcp_tools.platform.description import Platform

_PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def configure(
    *,
    project: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="The project that the platform is in. Default: that of gcloud.", show_default=False
        ),
    ] = None,
    environment: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Which of the project's platforms. Default: `default`.", show_default=False),
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="PLACE",
            help="Instead of --project: gs://BUCKET, a folder or file of these two, or Terraform's outputs "
            "(a file, or - for stdin).",
            show_default=False,
        ),
    ] = None,
    profile: Annotated[
        str, typer.Option(metavar="NAME", envvar="METAFLOW_PROFILE", help="Metaflow's profile to write.")
    ] = "",
    keep_context: Annotated[
        bool, typer.Option("--keep-context", help="Leave the kubeconfig's current context as it is.")
    ] = False,
    yes: Yes = False,
    no_check: Annotated[bool, typer.Option("--no-check", help="Do not try whether everything is reachable.")] = False,
    _verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Set this machine up to run flows: Metaflow's configuration, the cluster in the kubeconfig, and a check of both.

    Shows what it changes and asks; keeps whatever is not the platform's, and a backup.

    Examples:
        metaflow-gcp configure --project acme-metaflow
        metaflow-gcp configure --project acme-metaflow --environment staging --profile staging
        metaflow-gcp configure --from gs://BUCKET --yes
    """
    from metaflow_gcp_tools.commands.configure import gcloud, metaflow_home
    from metaflow_gcp_tools.machine import files

    output = Output(as_json=as_json)
    if project is None and from_ is None and (project := gcloud.project()):
        output.progress.print(f"Project {project}, as gcloud is configured", markup=False)
    _check_use(project, environment, from_, profile)
    with interruptible("looking for the platform", left="nothing was written"):
        source = _source(project, environment, from_)
    platform = source.platform
    found = f"Found the platform {platform.environment!r} of {platform.project}: {source.where}"
    output.progress.print(found, markup=False)
    try:
        with files.lock(metaflow_home.lock_file()):
            changes = _changes(source, profile, use_context=not keep_context)
            backups = _write(changes, output, yes=yes)
    except OSError as error:
        raise CommandFailed(
            Problem(
                what=f"{error.filename or 'a file'} cannot be read or written: {error.strerror}",
                next_step="check its permissions and its disk, then retry; no file is half written",
            )
        ) from None
    _tell_where_jobs_go(platform, profile, output)
    with interruptible("checking", left="everything is written; check it with `metaflow-gcp configure` once more"):
        checks = [] if no_check else _checked(platform, output)
    problems = [check.problem for check in checks if check.problem]
    exit_code = CommandFailed.exit_code if problems else 0
    if not problems:
        output.result.print(_done(profile, checked=bool(checks)), markup=False)
    output.document(
        "configure", _document(source, profile, changes, backups, checks), exit_code=exit_code, problems=problems
    )
    return exit_code


def _check_use(project: str | None, environment: str | None, from_: str | None, profile: str) -> None:
    problems = []
    if (project is None) == (from_ is None):
        what = "--project and --from exclude each other" if project else "no project given, and gcloud has none set"
        problems.append(
            Problem(what=what, next_step="give --project PROJECT, or --from with a bucket, a folder, a file or outputs")
        )
    if from_ is not None and environment is not None:
        problems.append(
            Problem(what="--environment and --from exclude each other", next_step="leave --environment out")
        )
    if profile and (profile == "default" or not _PROFILE.fullmatch(profile)):
        problems.append(
            Problem(
                what=f"{profile!r} is no name of a profile: letters, digits, `_`, `.` and `-`, and not `default`",
                next_step="choose another one, or leave --profile out (and METAFLOW_PROFILE unset) for the default",
            )
        )
    if problems:
        raise WrongUse(*problems)


def _source(project: str | None, environment: str | None, from_: str | None) -> "Source":
    from metaflow_gcp_tools.commands.configure import source

    if project is not None:
        return source.from_project(project, environment or source.DEFAULT_ENVIRONMENT)
    assert from_ is not None
    return source.from_uri(from_) if from_.startswith("gs://") else source.from_files(from_)


def _changes(source: "Source", profile: str, *, use_context: bool) -> "list[Change]":
    """In the order in which they are written: what tells other commands and later runs that it is done comes last."""
    from metaflow_gcp_tools.commands.configure import metaflow_home
    from metaflow_gcp_tools.machine import kubeconfig

    return [
        metaflow_home.config(source, profile),
        *kubeconfig.changes(source.platform, use_context=use_context),
        *metaflow_home.copies(source, profile),
    ]


def _write(changes: "Sequence[Change]", output: Output, *, yes: bool) -> "dict[Path, Path | None]":
    """Show and ask, then write; gives the backup of each file that was written."""
    from metaflow_gcp_tools.machine import files

    needed = [change for change in changes if change.needed]
    if not needed:
        output.progress.print("Nothing to do: all is as it should be.")
        return {}
    shown = [change for change in needed if change.differences]
    for change in shown:
        new = "" if change.before is not None else " (new)"
        output.progress.print(f"\n{change.file}{new}", markup=False)
        for line in change.differences:
            output.progress.print(f"  {line}", markup=False, style=_STYLES[line[0]])
    if shown and not yes:
        _ask(output)
    backups = {change.file: files.apply(change) for change in needed}
    for file, backup in backups.items():
        if backup:
            output.progress.print(f"Backup of {file.name}: {backup}", markup=False)
    return backups


_STYLES = {"+": "green", "~": "yellow", "-": "red"}


def _ask(output: Output) -> None:
    if output.as_json or not sys.stdin.isatty():
        raise WrongUse(
            Problem(
                what="there is nobody to ask whether to write this" if not output.as_json else "--json does not ask",
                next_step="run this with --yes to write without a question",
            )
        )
    output.progress.print()
    with interruptible("asking whether to write this", left="nothing was written"):
        wanted = typer.confirm("Write this?", default=True, err=True)
    if not wanted:
        raise CommandFailed(Problem(what="nothing was written", next_step=""))


def _tell_where_jobs_go(platform: "Platform", profile: str, output: Output) -> None:
    """When that is not the profile's platform, for this profile or for another one."""
    from metaflow_gcp_tools.machine import current_context
    from metaflow_gcp_tools.platform.description import Platform, profiles

    apart = {}
    for each in sorted({profile, *profiles()}):
        try:
            there = platform if each == profile else Platform.load(each)
        except CommandFailed:
            continue
        if problem := current_context.of_client(there).problem(there, each):
            apart[each or "default"] = problem
    for name, problem in apart.items():
        output.progress.print(f"\nNote, for the profile {name}: {problem.what}.", markup=False, style="yellow")
        output.progress.print(f"  {problem.next_step}", markup=False)


def _checked(platform: "Platform", output: Output) -> "list[Check]":
    from metaflow_gcp_tools.commands.configure import checks

    output.progress.print("\nChecking:")
    done = []
    for check in checks.all_of(platform):
        output.progress.print(
            f"  {check.state}  {check.name}: {check.detail}", markup=False, style=_STATES[check.state]
        )
        if check.problem:
            output.progress.print(f"        {check.problem.next_step}", markup=False)
        done.append(check)
    return done


_STATES = {"PASS": "green", "FAIL": "red", "SKIP": "yellow"}


def _done(profile: str, *, checked: bool) -> str:
    of = f"METAFLOW_PROFILE={profile} " if profile else ""
    done = "This machine is set up" if checked else "Everything is written, and nothing was checked"
    return f"{done}. Next: `{of}metaflow-gcp run -- python flow.py run`"


def _document(
    source: "Source",
    profile: str,
    changes: "Sequence[Change]",
    backups: "dict[Path, Path | None]",
    checks: "Sequence[Check]",
) -> dict[str, Any]:
    platform = source.platform
    return {
        "profile": profile,
        "source": source.where,
        "platform": {
            "project": platform.project,
            "environment": platform.environment,
            "bucket": platform.bucket,
            "cluster": platform.cluster_name,
            "context": platform.kube_context,
        },
        "files": [
            {
                "file": str(change.file),
                "written": change.needed,
                "differences": list(change.differences),
                "backup": str(backups[change.file]) if backups.get(change.file) else None,
            }
            for change in changes
        ],
        "checks": [{"name": check.name, "state": check.state, "detail": check.detail} for check in checks],
    }
