"""Where everything of a deployed platform is: `description.json` in its bucket, and a copy on each machine."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from metaflow_gcp_tools.platform import written
from metaflow_gcp_tools.problems import WrongUse

VERSION = 1
"""What this version of the tool reads."""

OBJECT_NAME = "metaflow-gcp/description.json"
"""Where it lies in the bucket."""

PROFILE_OBJECT_NAME = "metaflow-gcp/config.json"
"""Where Metaflow's configuration lies in the bucket."""


@dataclass(frozen=True, kw_only=True)
class Forward:
    """A Service that people reach by port forward."""

    name: str
    """`metadata-service`, `metaflow-ui`, `argo-server` or `events`."""
    namespace: str
    service: str
    port: int
    """Of the Service; on this machine the same unless moved."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where the platform answers on the internet."""

    ip: str
    """What the names must lead to."""
    hosts: dict[str, str]
    """`ui`, `metadata` and, where there is one, `argo` -> the name at which it is asked for."""
    records_by_hand: bool
    """Whether somebody else makes the records of these names."""


@dataclass(frozen=True, kw_only=True)
class Platform:
    project: str
    environment: str
    bucket: str
    cluster_name: str
    cluster_location: str
    cluster_dns_endpoint: str
    images: str
    """Goes before the name of an image of the team's."""
    services_namespace: str
    jobs_namespace: str
    forwards: tuple[Forward, ...]
    endpoint: Endpoint | None = None

    @property
    def kube_context(self) -> str:
        """The name that `gcloud container clusters get-credentials` gives a cluster in the kubeconfig."""
        return f"gke_{self.project}_{self.cluster_location}_{self.cluster_name}"

    @classmethod
    def parse(cls, text: str, where: str) -> Self:
        """Raise `WrongUse` for what is not a description, or one that this version does not know."""
        again = "run `metaflow-gcp configure` again; if the platform's own description is broken, deploy it again"
        found = written.document(text, where, wanted=written.DESCRIPTION, version=VERSION, next_step=again)
        try:
            forwards = tuple(Forward(**forward) for forward in found["forwards"])
            endpoint = Endpoint(**found["endpoint"]) if "endpoint" in found else None
            return cls(**{**found, "forwards": forwards, "endpoint": endpoint})
        except (TypeError, KeyError) as error:
            raise WrongUse.of(
                what=f"{where} is not a complete {written.DESCRIPTION}: {error}", next_step=again
            ) from None

    @classmethod
    def load(cls, profile: str) -> Self:
        """The platform that `metaflow-gcp configure` set up for this profile of Metaflow's (`""` is the default one).

        Raises `WrongUse` when there is none.
        """
        file = platform_file(profile)
        try:
            text = file.read_text("utf-8")
        except OSError:
            of = f" --profile {profile}" if profile else ""
            raise WrongUse.of(
                what=f"no platform is configured on this machine: there is no {file}",
                next_step=f"run `metaflow-gcp configure --project PROJECT{of}` first",
            ) from None
        return cls.parse(text, str(file))


def metaflow_home() -> Path:
    """Where Metaflow's client looks for its configuration."""
    return Path(os.environ.get("METAFLOW_HOME") or "~/.metaflowconfig").expanduser()


def config_file(profile: str) -> Path:
    """The configuration that Metaflow's client reads for this profile."""
    return metaflow_home() / (f"config_{profile}.json" if profile else "config.json")


def platform_file(profile: str) -> Path:
    """The copy of the platform's description that belongs to it."""
    return metaflow_home() / "metaflow-gcp" / f"{profile or 'default'}.json"


def profiles() -> list[str]:
    """Those that `metaflow-gcp configure` set up here; `""` is the default one."""
    found = sorted(each.stem for each in (metaflow_home() / "metaflow-gcp").glob("*.json"))
    return ["" if each == "default" else each for each in found]
