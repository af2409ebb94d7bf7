"""The platform's manifest, `platform.json` in the folder that synth writes to: what a deployment needs and is named."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from metaflow_gcp_tools.platform import written
from metaflow_gcp_tools.problems import WrongUse

VERSION = 1
"""What this version of the tool reads."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """What is drawn on a metric of the Compute Engine API."""

    metric: str
    region: str | None
    """`None` for a metric that is counted in all regions together."""
    at_start: int
    at_maximum: int


@dataclass(frozen=True, kw_only=True)
class PoolGpus:
    """The GPUs of each node of a pool."""

    type: str
    count: int
    quota_metric: str | None
    """`None`: Google documents no metric for it."""
    flex_start: bool


@dataclass(frozen=True, kw_only=True)
class Pool:
    name: str
    machine_type: str
    zones: tuple[str, ...]
    min_nodes: int
    max_nodes: int
    """Over all zones."""
    spot: bool
    gpu: PoolGpus | None


@dataclass(frozen=True, kw_only=True)
class PulledImage:
    setting: str
    """That asks for it: `images.task`."""
    name: str
    """With its registry: `docker.io/library/python:3.11`."""


@dataclass(frozen=True, kw_only=True)
class PulledChart:
    setting: str
    name: str
    repository: str
    version: str
    app_version: str


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """The platform at an address."""

    domain: str | None
    """`None`: Google serves its names."""
    dns_zone: str | None
    """Where the deployment makes the records; `None`: it makes none."""
    own_oauth_client: bool
    """Whether the sign-in uses a client of the team's own instead of Google's."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What is in `platform.json`, as far as commands need it."""

    project: str
    environment: str
    region: str
    zones: tuple[str, ...]
    machine_types: tuple[str, ...]
    apis: tuple[str, ...]
    quotas: tuple[Quota, ...]
    names: dict[str, str]
    """`cluster`, `bucket` and `repository`."""
    pools: tuple[Pool, ...]
    images: tuple[PulledImage, ...]
    """All that the cluster pulls, those of charts among them."""
    charts: tuple[PulledChart, ...]
    endpoint: Endpoint | None = None

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read `platform.json` in the folder that synth wrote to.

        Raises `WrongUse` when there is none, or one that this version does not know.
        """
        file = folder / "platform.json"
        try:
            text = file.read_text("utf-8")
        except FileNotFoundError:
            raise WrongUse.of(
                what=f"there is no {file}", next_step="run `make synth` in the project's folder"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise WrongUse.of(what=f"{file} cannot be read: {error}", next_step="run `make synth` again") from None
        again = "run `make synth` again"
        found = written.document(text, str(file), wanted=written.MANIFEST, version=VERSION, next_step=again)
        try:
            return cls._of(found)
        except (KeyError, TypeError) as error:
            raise WrongUse.of(what=f"{file} is not a complete {written.MANIFEST}: {error}", next_step=again) from None

    @classmethod
    def _of(cls, found: dict[str, Any]) -> Self:
        return cls(
            project=found["project"],
            environment=found["environment"],
            region=found["region"],
            zones=tuple(found["zones"]),
            machine_types=tuple(found["machine_types"]),
            apis=tuple(found["apis"]),
            quotas=tuple(Quota(**quota) for quota in found["quotas"]),
            names=dict(found["names"]),
            pools=tuple(
                Pool(**{**pool, "zones": tuple(pool["zones"]), "gpu": PoolGpus(**pool["gpu"]) if pool["gpu"] else None})
                for pool in found["pools"]
            ),
            images=tuple(PulledImage(**image) for image in found["images"]),
            charts=tuple(PulledChart(**chart) for chart in found["charts"]),
            endpoint=Endpoint(**found["endpoint"]) if "endpoint" in found else None,
        )
