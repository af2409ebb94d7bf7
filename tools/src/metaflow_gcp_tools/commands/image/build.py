"""Building an image: with Docker on this machine, or with Cloud Build, which needs no Docker here."""

import json
import tempfile
from pathlib import Path

from metaflow_gcp_tools.commands.image.images import Image
from metaflow_gcp_tools.commands.image.programs import Programs
from metaflow_gcp_tools.commands.image.registry import Registry

TIMEOUT_SECONDS = 4 * 60 * 60
"""Of one build: compiling flash-attention takes an hour on 8 cores."""

CHECK_SECONDS = 600.0
"""Importing PyTorch takes minutes where x86-64 is emulated."""

PLATFORM = "linux/amd64"
"""The nodes', and what the locks are for."""

BUILDER = "docker:28.2.2-cli"
"""What runs the build in Cloud Build: Docker's client, from Docker Hub. Its daemon is Cloud Build's own."""

OPTIONS = {"machineType": "E2_HIGHCPU_8", "diskSizeGb": 200, "logging": "CLOUD_LOGGING_ONLY"}
"""Of Cloud Build. The logging is the one that asks the least rights of the account that builds.
https://cloud.google.com/build/docs/securing-builds/configure-user-specified-service-accounts"""


def docker_build(image: Image, reference: str, context: str) -> tuple[str, ...]:
    """The command, the same on this machine and in Cloud Build."""
    args = [part for name, value in image.build_args for part in ("--build-arg", f"{name}={value}")]
    dockerfile = f"{context}/{image.dockerfile}"
    return ("docker", "build", "--platform", PLATFORM, "--file", dockerfile, *args, "--tag", reference, context)


def is_here(reference: str, programs: Programs) -> bool:
    """Whether Docker has the image on this machine. Raises `CommandFailed`."""
    return programs.knows(
        *("docker", "image", "inspect", "--format", "{{.Id}}", reference),
        doing="looking for the image on this machine",
        unknown="no such image",
    )


def here(image: Image, reference: str, programs: Programs) -> None:
    """Build with Docker on this machine. Raises `CommandFailed`."""
    programs.run(
        *docker_build(image, reference, str(image.context)),
        timeout=TIMEOUT_SECONDS,
        doing=f"building {image.name}",
        # Cache mounts need it; on by default since Docker 23.
        environment={"DOCKER_BUILDKIT": "1"},
    )


def in_cloud(image: Image, registry: Registry, account: str | None, programs: Programs) -> None:
    """Build and push with Cloud Build; the tag appears when the build has succeeded. Raises `CommandFailed`."""
    with tempfile.TemporaryDirectory(prefix="metaflow-gcp-") as folder:
        config = Path(folder, "cloudbuild.json")
        config.write_text(json.dumps(cloud_build(image, registry, account), indent=2), "utf-8")
        for line in config.read_text("utf-8").splitlines() if programs.dry_run else ():
            programs.show(line)
        programs.run(
            *("gcloud", "builds", "submit", str(image.context), "--config", str(config)),
            *("--project", registry.project, "--region", registry.location),
            timeout=TIMEOUT_SECONDS,
            doing=f"building {image.name} with Cloud Build",
        )


def cloud_build(image: Image, registry: Registry, account: str | None) -> dict[str, object]:
    """Describe the build as Cloud Build's API does.

    https://cloud.google.com/build/docs/build-config-file-schema
    """
    reference = registry.reference(image.name, image.tag)
    # Cloud Build replaces $NAME; $$ is one $.
    command = [part.replace("$", "$$") for part in docker_build(image, reference, ".")]
    service_account = f"projects/{registry.project}/serviceAccounts/{account}" if account else None
    return {
        "steps": [{"name": BUILDER, "args": command, "env": ["DOCKER_BUILDKIT=1"]}],
        "images": [reference],
        "timeout": f"{TIMEOUT_SECONDS}s",
        "options": OPTIONS,
        "tags": [image.name],
        **({"serviceAccount": service_account} if service_account else {}),
    }


def check(image: Image, reference: str, programs: Programs) -> None:
    """Run the image's health check on this machine. Raises `CommandFailed` with what is wrong in it."""
    programs.run(
        *("docker", "run", "--rm", "--platform", PLATFORM, reference, "python", "/opt/metaflow-gcp/check.py"),
        timeout=CHECK_SECONDS,
        doing=f"checking {image.name}",
    )
