"""A configured platform, stand-ins for docker and gcloud, and a registry that remembers what was pushed and tagged."""

import json
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from metaflow_gcp_tools.commands.image import images
from tests.tools.stand_in_google import Refusal, StandInGoogle

ROOT = Path(__file__).parents[4]
PREFIX = "us-west1-docker.pkg.dev/acme-metaflow/artifact-acme-acme-metaflow-metaflow-default"
PLACE = "projects/acme-metaflow/locations/us-west1/repositories/artifact-acme-acme-metaflow-metaflow-default"

PLATFORM: dict[str, Any] = {
    "kind": "PlatformDescription",
    "version": 1,
    "project": "acme-metaflow",
    "environment": "default",
    "bucket": "storage-acme-acme-metaflow-metaflow-default",
    "cluster_name": "gke-metaflow-default",
    "cluster_location": "us-west1",
    "cluster_dns_endpoint": "gke-0.us-west1.gke.goog",
    "images": PREFIX,
    "services_namespace": "metaflow",
    "jobs_namespace": "metaflow-jobs",
    "forwards": [],
}


class Machine:
    """What is on this machine, and in the registry."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "stand-ins"
        self.home = folder / "home"
        self.docker = folder / "a clone" / "docker"
        shutil.copytree(ROOT / "docker", self.docker)
        self.folder.mkdir()
        for name in ("docker", "gcloud"):
            program = self.folder / name
            run = [sys.executable, str(Path(__file__).with_name("stand_in_programs.py")), str(self.folder), name]
            program.write_text(f'#!/bin/sh\nexec {shlex.join(run)} "$@"\n')
            program.chmod(0o755)
        self.configure()

    def configure(self, **changed: Any) -> None:
        """What `metaflow-gcp configure` writes."""
        file = self.home / ".metaflowconfig/metaflow-gcp/default.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(PLATFORM | changed))

    def built(self, *names: str) -> None:
        """As `image build` leaves it."""
        references = [f"{PREFIX}/{image.name}:{image.tag}" for image in images.read(self.docker, names, ())]
        with (self.folder / "built").open("a") as file:
            file.writelines(f"{reference}\n" for reference in references)

    def let(self, **says: tuple[int, str]) -> None:
        """Let a call fail: `docker_push=(1, "...")`."""
        said = {name.replace("_", " "): answer for name, answer in says.items()}
        (self.folder / "says.json").write_text(json.dumps(said))

    @property
    def calls(self) -> list[dict[str, Any]]:
        file = self.folder / "calls.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def commands(self, *starts: str) -> list[str]:
        """The calls that begin so, those that only ask left out."""
        lines = [" ".join(call["command"]) for call in self.calls]
        return [line for line in lines if line.startswith(starts or "") and "image inspect" not in line]

    def forget(self) -> None:
        (self.folder / "calls.jsonl").unlink(missing_ok=True)

    def tags(self) -> dict[str, str]:
        """Image and tag -> version, after what docker, gcloud and Cloud Build were told to do."""
        tags: dict[str, str] = {}
        failing = json.loads((self.folder / "says.json").read_text()) if (self.folder / "says.json").exists() else {}
        for call in self.calls:
            line = " ".join(call["command"])
            if any(line.startswith(start) for start in failing):
                continue
            pushed = call["config"]["images"] if call["config"] else []
            if line.startswith("docker push"):
                pushed = [call["command"][-1]]
            for reference in pushed:
                tags[reference] = f"sha256:{len(tags):064x}"
            if "tags add" in line:
                tags[call["command"][-1]] = tags[call["command"][-2]]
        return tags


@pytest.fixture
def machine(tmp_path: Path, environment: dict[str, str]) -> Machine:
    made = Machine(tmp_path)
    environment["PATH"] = str(made.folder)  # Nothing else: this machine may have a docker of its own.
    return made


@pytest.fixture
def google(machine: Machine, environment: dict[str, str]) -> Iterator[StandInGoogle]:
    """The registry's API: it has what was pushed, tagged as it was told."""
    stand_in = StandInGoogle()
    stand_in.use("artifactregistry", "v1")

    def get(call: Any) -> Any:
        name = call.parameters["name"]
        _, _, rest = name.partition(f"{PLACE}/packages/")
        image, _, tag = rest.partition("/tags/")
        version = machine.tags().get(f"{PREFIX}/{image}:{tag}")
        if version is None:
            return Refusal(404, "Requested entity was not found.", "notFound")
        return {"name": name, "version": f"{PLACE}/packages/{image}/versions/{version}"}

    stand_in.answer("artifactregistry.projects.locations.repositories.packages.tags.get", get)
    with stand_in.serving() as more:
        environment.update(more)
        yield stand_in


@pytest.fixture
def image(run: Callable[..., Any], machine: Machine, google: StandInGoogle) -> Callable[..., Any]:
    """`metaflow-gcp image`, with the images of docker/."""
    return lambda command, *arguments: run("image", command, *arguments, "--docker", str(machine.docker))
