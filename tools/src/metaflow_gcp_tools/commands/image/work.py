"""What `image build`, `push` and `check` do with the images that they are given."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from metaflow_gcp_tools.commands.image import build as building, images
from metaflow_gcp_tools.commands.image.images import Image
from metaflow_gcp_tools.commands.image.programs import Programs
from metaflow_gcp_tools.commands.image.registry import Registry
from metaflow_gcp_tools.platform.description import Platform
from metaflow_gcp_tools.problems import CommandFailed, Problem


@dataclass(frozen=True, kw_only=True)
class Built:
    name: str
    reference: str
    built: bool


@dataclass(frozen=True, kw_only=True)
class Pushed:
    name: str
    reference: str
    pushed: bool
    moved_latest: bool
    use: str
    """For a step of a flow."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    name: str
    reference: str
    in_registry: bool
    is_latest: bool
    on_this_machine: bool
    healthy: bool | None
    """`None`: its health check was not run."""


class Work:
    def __init__(
        self,
        names: Sequence[str],
        build_args: Sequence[str] | None,
        docker: Path | None,
        profile: str,
        programs: Programs,
    ) -> None:
        self.images = images.read(images.find_context(docker), names, build_args or ())
        self.registry = Registry.of(Platform.load(profile))
        self.programs = programs

    def reference(self, image: Image) -> str:
        return self.registry.reference(image.name, image.tag)

    def where(self, image: Image, *, cloud: bool) -> str:
        """Where the image is already, so that it need not be built; `""`: nowhere. For Cloud Build in the registry."""
        if self.programs.dry_run:
            return ""
        if self._version(image):
            return "in the registry"
        return "on this machine" if not cloud and building.is_here(self.reference(image), self.programs) else ""

    def build(self, image: Image, where: str, *, cloud: bool, account: str | None) -> Built:
        """Build it, unless it is somewhere already."""
        reference = self.reference(image)
        if not where and cloud:
            building.in_cloud(image, self.registry, account, self.programs)
        elif not where:
            building.here(image, reference, self.programs)
        return Built(name=image.name, reference=reference, built=not (where or self.programs.dry_run))

    def push(self) -> Iterator[Pushed]:
        """Push all that the registry does not have, and then move `latest` of each."""
        dry_run = self.programs.dry_run
        absent = self.images if dry_run else self._absent()
        if absent:
            self._push(absent)
        for image in self.images:
            moved = dry_run or self._version(image, "latest") != self._version(image)
            if moved:
                self.registry.move_latest(image.name, image.tag, self.programs)
            reference = self.reference(image)
            yield Pushed(
                name=image.name,
                reference=reference,
                pushed=image in absent and not dry_run,
                moved_latest=moved and not dry_run,
                use=f'@kubernetes(image="{reference}")',
            )

    def check(self, image: Image) -> tuple[Checked, list[Problem]]:
        """Where it is, and whether its health check passes on this machine."""
        reference, dry_run = self.reference(image), self.programs.dry_run
        problems: list[Problem] = []
        version = None if dry_run else self._version(image)
        is_latest = version is not None and version == self._version(image, "latest")
        is_here = dry_run or (shutil.which("docker") is not None and building.is_here(reference, self.programs))
        healthy = None
        if is_here:
            try:
                building.check(image, reference, self.programs)
                healthy = True
            except CommandFailed as error:
                healthy = False
                problems += error.problems
        if not dry_run and version is None:
            problems.append(
                Problem(
                    what=f"{reference} is not in the registry",
                    next_step=f"run `metaflow-gcp image {'push' if is_here else 'build'} {_short(image)}`",
                )
            )
        checked = Checked(
            name=image.name,
            reference=reference,
            in_registry=version is not None,
            is_latest=is_latest,
            on_this_machine=is_here,
            healthy=healthy,
        )
        return checked, problems

    def _version(self, image: Image, tag: str | None = None) -> str | None:
        """In the registry, of its own tag or another one."""
        return self.registry.version(image.name, tag or image.tag)

    def _absent(self) -> list[Image]:
        """What the registry does not have. Raises `CommandFailed` when one of these was not built here either."""
        absent = [image for image in self.images if self._version(image) is None]
        missing = [image for image in absent if not building.is_here(self.reference(image), self.programs)]
        if missing:
            raise CommandFailed(
                *(
                    Problem(
                        what=f"{self.reference(image)} has not been built yet",
                        next_step=f"run `metaflow-gcp image build {_short(image)}`, with the same --build-arg if any",
                    )
                    for image in missing
                )
            )
        return absent

    def _push(self, absent: Sequence[Image]) -> None:
        with self.registry.login(self.programs) as environment:
            for image in absent:
                self.programs.run(
                    *("docker", "push", self.reference(image)),
                    timeout=building.TIMEOUT_SECONDS,
                    doing=f"pushing {image.name}",
                    environment=environment,
                )


def _short(image: Image) -> str:
    """As the command takes it."""
    return image.name.removeprefix("metaflow-")
