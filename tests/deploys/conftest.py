"""Our own stacks on the simulated cloud: real Terraform, the JSON that synth writes, everything in a test's folder."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pytest

from rehearsal.cloud.model import Cloud
from rehearsal.run import mirror, seed, stacks
from rehearsal.run.attached import Attached
from rehearsal.run.terraform import Terraform
from tests.synthesis import synthesize

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "tests" / "stacks" / "settings"
STACKS = ("apis", "infra", "services")
AT_MOST = 12
"""Runs. More than a stack's resources depend on each other in a row."""


@dataclass(frozen=True)
class World:
    """A cloud with our project in it, and the folders that a deployment into it uses.

    Terraform attaches to providers that run until the world is left; a rehearsal lets it start them, as a deployment
    does.
    """

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    providers: dict[str, Attached] = field(default_factory=dict)

    @property
    def cloud(self) -> Cloud:
        return Cloud(self.folder / "cloud.sqlite")

    @property
    def outdir(self) -> Path:
        return self.folder / "cdktf.out"

    def environment(self) -> dict[str, str]:
        """Of Terraform."""
        return mirror.environment(mirror.write(self.folder), self.cloud.path)

    def synth(self, **settings) -> None:
        state = {"METAFLOW_GCP_BACKEND__DIRECTORY": str(self.folder / "state")}
        synthesize(self.outdir, **state | self.settings | settings)
        seed.add_projects(self.cloud, stacks.projects(stacks.read(self.outdir)))

    def terraform(self, stack: str) -> Terraform:
        folder, environment = self.outdir / "stacks" / stack, self.environment()
        attached = self.providers.setdefault(stack, Attached(folder=folder, environment=environment))
        return Terraform(folder=folder, environment=environment, attached=attached)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self.providers.values():
            each.close()

    def deploy(self, **settings) -> None:
        self.synth(**settings)
        for stack in STACKS:
            self.apply(stack)

    def apply(self, stack: str) -> int:
        """Apply until it succeeds; how many times it failed before."""
        terraform = self.terraform(stack)
        terraform.init()
        for failed in range(AT_MOST):
            outcome = terraform.stream("apply", "-auto-approve")
            if outcome.code == 0:
                return failed
        raise AssertionError(f"{stack} did not converge in {AT_MOST} runs: {outcome.errors}")

    def changes(self) -> list[str]:
        """What a further plan of all stacks would change."""
        return [change for stack in STACKS for change in self.terraform(stack).plan().changes]

    def destroy(self) -> None:
        for stack in reversed(STACKS):
            self.terraform(stack).destroy()

    def exists(self) -> set[tuple[str, str]]:
        return {(each.key.kind, each.key.id) for each in self.cloud.all()}


@pytest.fixture
def world(tmp_path):
    with ExitStack() as worlds:

        def world(settings: str = "minimal", **overrides) -> World:
            settings_file = str(SETTINGS / f"{settings}.toml")
            return worlds.enter_context(World(tmp_path, {"METAFLOW_GCP_SETTINGS": settings_file, **overrides}))

        yield world
