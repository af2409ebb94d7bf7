"""The team's repository in Artifact Registry: what is in it, who may push, and how a tag is moved."""

import json
import os
import re
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from metaflow_gcp_tools.commands.image.programs import QUICK_SECONDS, Programs
from metaflow_gcp_tools.platform.description import Platform
from metaflow_gcp_tools.problems import CommandFailed, WrongUse

_PREFIX = re.compile(r"(?P<location>[a-z0-9-]+)-docker\.pkg\.dev/(?P<project>[^/]+)/(?P<repository>[^/]+)")


@dataclass(frozen=True, kw_only=True)
class Registry:
    prefix: str
    """Goes before an image's name."""
    location: str
    project: str
    repository: str

    @classmethod
    def of(cls, platform: Platform) -> "Registry":
        """The platform's.

        Raises `WrongUse` for a prefix that is none of Artifact Registry's, and `CommandFailed` for a repository in
        another region than the cluster: every node would pull across regions.
        """
        match = _PREFIX.fullmatch(platform.images)
        if match is None:
            raise WrongUse.of(
                what=f"{platform.images!r} is not REGION-docker.pkg.dev/PROJECT/NAME, as in Artifact Registry",
                next_step="run `metaflow-gcp configure` again",
            )
        location, cluster = match["location"], platform.cluster_location
        # A region serves its zones, and a multi-region (us, europe, asia) all regions that begin so.
        if not f"{cluster}-".startswith(f"{location}-"):
            raise CommandFailed.of(
                what=f"the registry {platform.images} is in {location}, and the cluster in {cluster}: nodes would "
                "pull every image across regions, slowly, at a cost, and without image streaming",
                next_step="deploy the registry in the cluster's region (`region` in the settings), then run "
                "`metaflow-gcp configure` again",
            )
        return cls(prefix=platform.images, location=location, project=match["project"], repository=match["repository"])

    @property
    def host(self) -> str:
        return f"{self.location}-docker.pkg.dev"

    def reference(self, name: str, tag: str) -> str:
        return f"{self.prefix}/{name}:{tag}"

    def version(self, name: str, tag: str) -> str | None:
        """What a tag points to, `None` when there is no such tag.

        Asked of the API: `gcloud artifacts docker images describe` fails for people without rights on Container
        Analysis, and `docker manifest` needs Docker. Raises `CommandFailed`.
        """
        from metaflow_gcp_tools.clients import google as google_apis
        from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered

        place = f"projects/{self.project}/locations/{self.location}/repositories/{self.repository}"
        try:
            described = google_apis.call(
                "artifactregistry.projects.locations.repositories.packages.tags.get",
                name=f"{place}/packages/{name}/tags/{tag}",
            )
            return str(described["version"])
        except Unanswered as error:
            if error.cause is Cause.NOT_FOUND:
                return None
            next_step = error.next_step
            if error.cause is Cause.FORBIDDEN:
                next_step = "ask an administrator for access: [access] users in the platform's settings"
            raise CommandFailed.of(
                what=f"the registry {self.prefix} cannot be read: {error.what}", next_step=next_step
            ) from None

    @contextmanager
    def login(self, programs: Programs) -> Iterator[dict[str, str]]:
        """Docker's environment with a token that is good for an hour, in a configuration that goes away afterwards.

        The person's own configuration stays as it is, and no credential helper gets to keep the token.
        """
        with _ending_orderly(), tempfile.TemporaryDirectory(prefix="metaflow-gcp-") as folder:
            _copy_configuration(Path(folder))
            environment = {"DOCKER_CONFIG": folder}
            ask = ("gcloud", "auth", "print-access-token")
            programs.show(f"$ {' '.join(ask)} | # the token goes to the next command, and nowhere else")
            token = "" if programs.dry_run else programs.answer(*ask, doing="logging in to the registry")
            programs.run(
                *("docker", "login", "--username", "oauth2accesstoken", "--password-stdin", self.host),
                timeout=QUICK_SECONDS,
                doing=f"logging in to {self.host}",
                environment=environment,
                secret_input=token,
            )
            yield environment

    def move_latest(self, name: str, tag: str, programs: Programs) -> None:
        """Let `latest` be what `tag` is: one call, so that it is the old image or the new one."""
        programs.run(
            *("gcloud", "artifacts", "docker", "tags", "add", "--quiet"),
            *(self.reference(name, tag), self.reference(name, "latest")),
            timeout=QUICK_SECONDS,
            doing=f"moving {name}:latest to {tag}",
        )


@contextmanager
def _ending_orderly() -> Iterator[None]:
    """Clean up when a terminal is closed or somebody ends the process, too."""

    def leave(number: int, _: object) -> None:
        sys.exit(128 + number)

    former = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _copy_configuration(folder: Path) -> None:
    """Which daemon Docker talks to and with which plugins, but no credential helpers: they would keep the token."""
    own = Path(os.environ.get("DOCKER_CONFIG") or "~/.docker").expanduser()
    try:
        configuration = json.loads((own / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        configuration = {}
    kept = {name: configuration[name] for name in ("currentContext", "cliPluginsExtraDirs") if name in configuration}
    (folder / "config.json").write_text(json.dumps(kept), "utf-8")
    for name in ("contexts", "cli-plugins"):
        if (own / name).is_dir():
            (folder / name).symlink_to(own / name)
