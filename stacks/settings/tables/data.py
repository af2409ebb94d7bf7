"""What keeps data, and the images that run."""

from dataclasses import dataclass

from metaflow_gcp import externals
from metaflow_gcp.checks import Checks
from metaflow_gcp.google.storage_choices import DatastoreChoices
from metaflow_gcp.kubernetes import images
from stacks.settings import regions
from stacks.settings.tables.section import Section


@dataclass(frozen=True, kw_only=True)
class Storage(DatastoreChoices):
    """The bucket that holds every artifact of every run."""

    location: str | None = None
    """A region, dual-region or multi-region, such as us-west1, NAM4 or US. Default: `region`, where tasks read without
    paying for traffic. It cannot be changed later. https://cloud.google.com/storage/docs/locations"""

    def check(self, checks: Checks, *, new_zones: tuple[str, ...] = ()) -> None:
        if self.location is not None:
            a_location = r"[A-Za-z]+[0-9]*(-[a-z]+[0-9]+)?"
            checks.matches("location", self.location, a_location, "a location, such as us-west1, NAM4 or US")
            if "-" in self.location and not checks.problems:
                regions.check_region(checks, "location", self.location.lower(), new_zones)
        super().check(checks)


class Images(Section):
    """Which images run. A name without a registry is pulled through the platform's own copy of Docker Hub."""

    metadata_service: str = externals.short(externals.name("metadata-service"))
    """Metaflow's metadata service, with its migrations. A tag other than latest, or a digest."""
    task: str = externals.short(externals.name("task"))
    """What a step runs in unless its flow names another image. It needs `python`, of the version that flows are started
    with. A tag other than latest, or a digest."""

    def check(self, checks: Checks) -> None:
        images.check_pinned(checks, "metadata_service", self.metadata_service)
        images.check_pinned(checks, "task", self.task)
