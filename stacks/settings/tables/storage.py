"""The bucket."""

from dataclasses import dataclass

from metaflow_gcp.checks import Checks
from metaflow_gcp.google.storage_choices import DatastoreChoices
from stacks.settings import regions


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
