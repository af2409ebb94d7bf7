"""What Compute Engine offers this project: regions with their zones and quotas, machine types, GPUs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from metaflow_gcp_tools.clients.together import asked
from metaflow_gcp_tools.commands.preflight.answers import Google


@dataclass(frozen=True)
class Level:
    """Of a quota."""

    limit: float
    in_use: float | None
    """`None` where the API does not tell."""

    @property
    def free(self) -> float:
        return self.limit - (self.in_use or 0)


@dataclass(frozen=True)
class Region:
    zones: frozenset[str]
    quotas: Mapping[str, Level]
    """By metric. What is not in it is not known; that is not zero."""


Offer = Mapping[str, frozenset[str]]
"""The zones, by type of machine or GPU."""


@dataclass(frozen=True, kw_only=True)
class Compute:
    """All of it, asked for once and at the same time. A call waits for the answer, or raises `Unanswered`."""

    regions: Callable[[], Mapping[str, Region]]
    of_all_regions: Callable[[], Mapping[str, Level]]
    machine_types: Callable[[], Offer]
    gpu_types: Callable[[], Offer]

    @classmethod
    def ask(cls, google: Google, names: Iterable[str]) -> Self:
        """`names`: the machine types to look for."""
        return cls(
            regions=asked(lambda: regions(google)),
            of_all_regions=asked(lambda: quotas_of_all_regions(google)),
            machine_types=asked(lambda: machine_types(google, names)),
            gpu_types=asked(lambda: gpu_types(google)),
        )


def regions(google: Google) -> dict[str, Region]:
    """By name. Raises `Unanswered`, as all here."""
    return {
        region["name"]: Region(
            zones=frozenset(_last(zone) for zone in region.get("zones", ())), quotas=_levels(region.get("quotas", ()))
        )
        for page in google.pages("compute.regions.list", project=google.project)
        for region in page.get("items", ())
    }


def quotas_of_all_regions(google: Google) -> dict[str, Level]:
    """By metric."""
    found = google.ask("compute.projects.get", project=google.project)
    return _levels(found.get("quotas", ()))


def machine_types(google: Google, names: Iterable[str]) -> Offer:
    """Where there are these."""
    wanted = " OR ".join(f"(name = {name})" for name in sorted(names))
    return _offer(google, "machineTypes", filter=wanted)


def gpu_types(google: Google) -> Offer:
    """Where there are which."""
    return _offer(google, "acceleratorTypes")


def _offer(google: Google, kind: str, **parameters: str) -> Offer:
    zones: dict[str, set[str]] = {}
    for page in google.pages(f"compute.{kind}.aggregatedList", project=google.project, **parameters):
        for scope, found in page.get("items", {}).items():
            for each in found.get(kind, ()):
                zones.setdefault(each["name"], set()).add(_last(scope))
    return {name: frozenset(found) for name, found in zones.items()}


def _levels(quotas: Iterable[Mapping[str, Any]]) -> dict[str, Level]:
    return {each["metric"]: Level(each["limit"], each.get("usage")) for each in quotas if "limit" in each}


def _last(url: str) -> str:
    return url.rpartition("/")[2]
