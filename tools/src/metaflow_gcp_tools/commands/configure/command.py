"""`metaflow-gcp configure`: its options, and how it ends."""

import re
from typing import Annotated

import typer

from metaflow_gcp_tools.problems import Problem, check_use, interruptible
from metaflow_gcp_tools.terminal.options import AsJson, Verbose, Yes
from metaflow_gcp_tools.terminal.output import Output

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
    no_check: Annotated[bool, typer.Option("--no-check", help="Do not check whether everything is reachable.")] = False,
    _verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Set up this machine to run flows: Metaflow's configuration, the cluster in the kubeconfig, and a check of both.

    Shows the changes and asks before it writes. Keeps everything that is not the platform's, and makes a backup.

    Examples:
        metaflow-gcp configure --project acme-metaflow
        metaflow-gcp configure --project acme-metaflow --environment staging --profile staging
        metaflow-gcp configure --from gs://BUCKET --yes
    """
    from metaflow_gcp_tools.commands.configure import document, setup, show
    from metaflow_gcp_tools.machine import gcloud

    output = Output(as_json=as_json)
    if project is None and from_ is None and (project := gcloud.project()):
        output.progress.print(f"Project {project}, as gcloud is configured")
    _check_use(project, environment, from_, profile)
    with interruptible("looking for the platform", left="nothing was written"):
        source = setup.source(project, environment, from_)
    platform = source.platform
    show.found(output, source)
    changes, backups = setup.written(source, profile, output, use_context=not keep_context, ask=not yes)
    show.jobs_elsewhere(output, setup.jobs_elsewhere(platform, profile))
    with interruptible("checking", left="everything is written; run `metaflow-gcp configure` again to check it"):
        checks = [] if no_check else setup.checked(platform, output)
    problems = [Problem(what=check.says, next_step=check.next_step) for check in checks if check.blocks]
    if not problems:
        show.done(output, profile, checked=bool(checks))
    return output.end("configure", document.result(source, profile, changes, backups, checks), problems)


def _check_use(project: str | None, environment: str | None, from_: str | None, profile: str) -> None:
    check_use(
        (
            (project is None) == (from_ is None),
            "--project and --from exclude each other" if project else "no project given, and gcloud has none set",
            "pass --project PROJECT, or --from with a bucket, a folder, a file or outputs",
        ),
        (
            from_ is not None and environment is not None,
            "--environment and --from exclude each other",
            "leave --environment out",
        ),
        (
            profile == "default" or bool(profile and not _PROFILE.fullmatch(profile)),
            f"{profile!r} is not a profile name: use letters, digits, `_`, `.` and `-`, and not `default`",
            "choose another, or leave --profile out (and METAFLOW_PROFILE unset) for the default profile",
        ),
    )
