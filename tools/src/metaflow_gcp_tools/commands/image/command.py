"""`metaflow-gcp image build`, `push` and `check`: their options, and how they end."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metaflow_gcp_tools.problems import CommandFailed, Problem, WrongUse
from metaflow_gcp_tools.terminal.help import Command, Group
from metaflow_gcp_tools.terminal.options import AsJson, Profile, Verbose
from metaflow_gcp_tools.terminal.output import Output

if TYPE_CHECKING:
    from metaflow_gcp_tools.commands.image.programs import Programs

app = typer.Typer(cls=Group, no_args_is_help=True, rich_markup_mode="rich")


def _known(incomplete: str) -> list[str]:
    """For the shell to complete: images of the project that it is in."""
    from metaflow_gcp_tools.commands.image import images

    try:
        known = images.names(images.find_context(None))
    except CommandFailed:
        return []
    return [each for each in known if each.startswith(incomplete)]


Names = Annotated[
    list[str],
    typer.Argument(metavar="IMAGE...", help="cpu, gpu, or another table of docker/images.toml.", autocompletion=_known),
]
BuildArgs = Annotated[
    list[str] | None,
    typer.Option("--build-arg", metavar="NAME=VALUE", help="An argument of the Dockerfile. Can be repeated."),
]
Docker = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="The folder with images.toml. Default: docker/ of the project you are in."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show every command without running it.")]


def _programs(output: Output, *, dry_run: bool) -> "Programs":
    from metaflow_gcp_tools.commands.image.programs import Programs

    # What would be run is what was asked for; what is run, is only progress.
    console = output.result if dry_run else output.progress
    return Programs(dry_run=dry_run, show=console.print)


@app.command(cls=Command)
def build(
    names: Names,
    *,
    cloud: Annotated[bool, typer.Option("--cloud", help="Build with Cloud Build: no Docker on this machine.")] = False,
    service_account: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="With --cloud: the service account that builds. Default: the project's own."
        ),
    ] = None,
    build_arg: BuildArgs = None,
    docker: Docker = None,
    profile: Profile = "",
    dry_run: DryRun = False,
    _verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Build the images that do not exist yet.

    The tag of an image is computed from its contents.

    Examples:
        metaflow-gcp image build cpu gpu
        metaflow-gcp image build gpu --cloud
        metaflow-gcp image build gpu --build-arg EXTRA=flash-attention --dry-run
    """
    from metaflow_gcp_tools.commands.image import document, show
    from metaflow_gcp_tools.commands.image.work import Work

    if service_account and not cloud:
        raise WrongUse.of(what="--service-account is for Cloud Build", next_step="add --cloud, or leave it out")
    output = Output(as_json=as_json)
    work = Work(names, build_arg, docker, profile, _programs(output, dry_run=dry_run))
    built = []
    for image in work.images:
        if where := work.where(image, cloud=cloud):
            show.nothing_to_build(output, work.reference(image), where)
        built.append(work.build(image, where, cloud=cloud, account=service_account))
        show.built(output, built[-1])
    if not dry_run:
        show.push_next(output, names)
    return output.end("image build", document.images(built, dry_run=dry_run))


@app.command(cls=Command)
def push(
    names: Names,
    *,
    default: Annotated[
        bool, typer.Option("--default", help="Make it the image of your own steps that name none.")
    ] = False,
    build_arg: BuildArgs = None,
    docker: Docker = None,
    profile: Profile = "",
    dry_run: DryRun = False,
    _verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Push built images to the team's registry.

    The tag `latest` moves once everything is pushed.

    Examples:
        metaflow-gcp image push cpu gpu
        metaflow-gcp image push cpu --default
    """
    if default and len(names) != 1:
        raise WrongUse.of(what="--default takes one image", next_step="push the others without it")
    from metaflow_gcp_tools.commands.image import default as default_image, document, show
    from metaflow_gcp_tools.commands.image.work import Work

    output = Output(as_json=as_json)
    work = Work(names, build_arg, docker, profile, _programs(output, dry_run=dry_run))
    pushed = []
    for each in work.push():
        show.pushed(output, each)
        pushed.append(each)
    chosen = default_image.choose(pushed[0].reference, profile, dry_run=dry_run) if default else None
    if chosen:
        show.default(output, *chosen, dry_run=dry_run)
    return output.end("image push", document.pushed(pushed, chosen, dry_run=dry_run))


@app.command(cls=Command)
def check(
    names: Names,
    *,
    build_arg: BuildArgs = None,
    docker: Docker = None,
    profile: Profile = "",
    dry_run: DryRun = False,
    _verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Show where images are, and run the health check of those on this machine.

    The exit code is 1 when one is missing or its health check fails.

    Examples:
        metaflow-gcp image check cpu gpu
        metaflow-gcp image check cpu --json
    """
    from metaflow_gcp_tools.commands.image import document, show
    from metaflow_gcp_tools.commands.image.work import Work

    output = Output(as_json=as_json)
    work = Work(names, build_arg, docker, profile, _programs(output, dry_run=dry_run))
    checked = []
    problems: list[Problem] = []
    for image in work.images:
        found, wrong = work.check(image)
        checked.append(found)
        problems += wrong
        if not dry_run:
            show.checked(output, found)
    return output.end("image check", document.images(checked, dry_run=dry_run), problems, tell=True)
