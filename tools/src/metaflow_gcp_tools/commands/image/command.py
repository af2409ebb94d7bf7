"""The options of `metaflow-gcp image`, and what it says."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metaflow_gcp_tools.problems import CommandFailed, Problem, WrongUse
from metaflow_gcp_tools.terminal.help import Command, Group
from metaflow_gcp_tools.terminal.options import AsJson, Profile, Verbose
from metaflow_gcp_tools.terminal.output import Output

if TYPE_CHECKING:
    from metaflow_gcp_tools.commands.image.images import Image
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
    typer.Option("--build-arg", metavar="NAME=VALUE", help="An argument of the Dockerfile's. Can be repeated."),
]
Docker = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="The folder with images.toml. Default: docker/ of the project you are in."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show every command, and run none.")]


class Work:
    """What the three commands begin with."""

    def __init__(self, names: list[str], build_args: list[str] | None, docker: Path | None, profile: str) -> None:
        from metaflow_gcp_tools.commands.image import images
        from metaflow_gcp_tools.commands.image.registry import Registry
        from metaflow_gcp_tools.platform.description import Platform

        self.images = images.read(images.find_context(docker), names, build_args or ())
        self.registry = Registry.of(Platform.load(profile))

    def reference(self, image: "Image") -> str:
        return self.registry.reference(image.name, image.tag)


@app.command(cls=Command)
def build(
    names: Names,
    *,
    cloud: Annotated[bool, typer.Option("--cloud", help="With Cloud Build: no Docker on this machine.")] = False,
    service_account: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="With --cloud: who builds. Default: the project's own choice."),
    ] = None,
    build_arg: BuildArgs = None,
    docker: Docker = None,
    profile: Profile = "",
    dry_run: DryRun = False,
    _verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Build images, unless they exist already.

    The tag of an image is computed from its contents.

    Examples:
        metaflow-gcp image build cpu gpu
        metaflow-gcp image build gpu --cloud
        metaflow-gcp image build gpu --build-arg EXTRA=flash-attention --dry-run
    """
    from metaflow_gcp_tools.commands.image import build as building

    if service_account and not cloud:
        raise WrongUse(
            Problem(what="--service-account says who builds in Cloud Build", next_step="give --cloud, or leave it out")
        )
    output = Output(as_json=as_json)
    work = Work(names, build_arg, docker, profile)
    programs = _programs(output, dry_run=dry_run)
    built = []
    for image in work.images:
        reference = work.reference(image)
        where = "" if dry_run else _where(image, work, programs, docker_too=not cloud)
        if where:
            output.progress.print(f"{reference} is {where}: nothing to build", markup=False)
        elif cloud:
            building.in_cloud(image, work.registry, service_account, programs)
        else:
            building.here(image, reference, programs)
        built.append({"name": image.name, "reference": reference, "built": not (where or dry_run)})
        output.result.print(reference, markup=False)
    if not dry_run:
        output.progress.print(f"Next: `metaflow-gcp image push {' '.join(names)}`", markup=False)
    output.document("image build", {"dry_run": dry_run, "images": built}, exit_code=0)
    return 0


@app.command(cls=Command)
def push(
    names: Names,
    *,
    default: Annotated[
        bool, typer.Option("--default", help="Let steps that name no image run in it: in your own configuration.")
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
        raise WrongUse(Problem(what="--default takes one image", next_step="push the others without it"))
    output = Output(as_json=as_json)
    work = Work(names, build_arg, docker, profile)
    programs = _programs(output, dry_run=dry_run)
    absent = work.images if dry_run else _absent(work, programs)
    if absent:
        _push(absent, work, programs)
    pushed = []
    for image in work.images:
        moved = dry_run or work.registry.version(image.name, "latest") != work.registry.version(image.name, image.tag)
        if moved:
            work.registry.move_latest(image.name, image.tag, programs)
        reference = work.reference(image)
        use = f'@kubernetes(image="{reference}")'
        pushed.append(
            {
                "name": image.name,
                "reference": reference,
                "pushed": image in absent and not dry_run,
                "moved_latest": moved and not dry_run,
                "use": use,
            }
        )
        output.result.print(use, markup=False)
    result: dict[str, Any] = {"dry_run": dry_run, "images": pushed, "default": None}
    if default:
        result["default"] = _set_default(work.reference(work.images[0]), profile, output, dry_run=dry_run)
    output.document("image push", result, exit_code=0)
    return 0


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

    Exit code 1 when one is missing or its health check fails.

    Examples:
        metaflow-gcp image check cpu gpu
        metaflow-gcp image check cpu --json
    """
    from metaflow_gcp_tools.commands.image import build as building

    output = Output(as_json=as_json)
    work = Work(names, build_arg, docker, profile)
    programs = _programs(output, dry_run=dry_run)
    rows = []
    problems: list[Problem] = []
    for image in work.images:
        reference = work.reference(image)
        version = None if dry_run else work.registry.version(image.name, image.tag)
        is_latest = version is not None and version == work.registry.version(image.name, "latest")
        is_here = dry_run or (_has_docker() and building.is_here(reference, programs))
        healthy = None
        if is_here:
            try:
                building.check(image, reference, programs)
                healthy = True
            except CommandFailed as error:
                healthy = False
                problems += error.problems
        if not dry_run and version is None:
            problems.append(
                Problem(
                    what=f"{reference} is not in the registry",
                    next_step=f"run `metaflow-gcp image {'push' if is_here else 'build'} "
                    f"{image.name.removeprefix('metaflow-')}`",
                )
            )
        rows.append(
            {
                "name": image.name,
                "reference": reference,
                "in_registry": version is not None,
                "is_latest": is_latest,
                "on_this_machine": is_here,
                "healthy": healthy,
            }
        )
        if not dry_run:
            output.result.print(f"{reference}: {_told(rows[-1])}", markup=False)
    for problem in problems:
        output.problem(problem)
    code = 1 if problems else 0
    output.document("image check", {"dry_run": dry_run, "images": rows}, exit_code=code, problems=problems)
    return code


def _told(row: dict[str, Any]) -> str:
    health = {True: "its health check passes", False: "its health check fails", None: "not on this machine"}
    place = "in the registry" if row["in_registry"] else "not in the registry"
    return f"{place}{', latest' if row['is_latest'] else ''}; {health[row['healthy']]}"


def _programs(output: Output, *, dry_run: bool) -> "Programs":
    from metaflow_gcp_tools.commands.image.programs import Programs

    # What would be run is what was asked for; what is run, is only progress.
    console = output.result if dry_run else output.progress
    return Programs(dry_run=dry_run, show=lambda line: console.print(line, markup=False))


def _has_docker() -> bool:
    import shutil

    return shutil.which("docker") is not None


def _where(image: "Image", work: Work, programs: "Programs", *, docker_too: bool) -> str:
    """Where the image is already; `""`: nowhere."""
    from metaflow_gcp_tools.commands.image import build as building

    if work.registry.version(image.name, image.tag):
        return "in the registry"
    return "on this machine" if docker_too and building.is_here(work.reference(image), programs) else ""


def _absent(work: Work, programs: "Programs") -> list["Image"]:
    """What the registry has not. Raises `CommandFailed` when one of these was not built here either."""
    from metaflow_gcp_tools.commands.image import build as building

    absent = [image for image in work.images if work.registry.version(image.name, image.tag) is None]
    missing = [image for image in absent if not building.is_here(work.reference(image), programs)]
    if missing:
        raise CommandFailed(
            *(
                Problem(
                    what=f"{work.reference(image)} was not built yet",
                    next_step=f"run `metaflow-gcp image build {image.name.removeprefix('metaflow-')}`, "
                    "with the same --build-arg if any",
                )
                for image in missing
            )
        )
    return absent


def _push(absent: list["Image"], work: Work, programs: "Programs") -> None:
    from metaflow_gcp_tools.commands.image import build as building

    with work.registry.login(programs) as environment:
        for image in absent:
            programs.run(
                *("docker", "push", work.reference(image)),
                timeout=building.TIMEOUT_SECONDS,
                doing=f"pushing {image.name}",
                environment=environment,
            )


def _set_default(reference: str, profile: str, output: Output, *, dry_run: bool) -> dict[str, str]:
    from metaflow_gcp_tools.commands.image import default

    lines = default.settings(reference)
    file = default.file(profile)
    if not dry_run:
        default.write(reference, profile)
    verb = "would name" if dry_run else "names"
    output.progress.print(
        f"{file} {verb} it now: your own steps without an image run in it, until `metaflow-gcp configure` runs again.\n"
        "For the whole team, an administrator writes this into the platform's settings and deploys; then all run "
        "`configure` again:",
        markup=False,
    )
    output.result.print(f"\n{lines}", markup=False)
    return {"file": str(file), "settings": lines}
