"""What a person chooses about the bucket. Needs no Node."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le, Unit

from metaflow_gcp.checks import Checks
from metaflow_gcp.choices import check_each

_LEAST_SOFT_DELETE_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class DatastoreChoices:
    """The bucket that holds every artifact of every run."""

    versioning: bool = True
    """Keep what is overwritten or deleted for `noncurrent_days`."""
    noncurrent_days: Annotated[int, Ge(1), Le(3650), Unit("days")] = 30
    """Days that overwritten and deleted artifacts are kept: 1 to 3650."""
    soft_delete_days: Annotated[int, Ge(0), Le(90), Unit("days")] = 7
    """Days in which even those can be restored: 0 (off), or 7 to 90. https://cloud.google.com/storage/docs/soft-delete"""
    usage_logs_days: Annotated[int, Ge(0), Le(3650), Unit("days")] = 0
    """Days that Cloud Storage's hourly logs of who read and wrote what are kept, in a bucket of their own whose
    name ends in -logs: 0 (off) to 3650. Where the organisation restricts sharing to its own domains, as new ones do, it
    must first allow Google's group cloud-storage-analytics@google.com. https://cloud.google.com/storage/docs/access-logs"""

    def check(self, checks: Checks) -> None:
        check_each(checks, self)
        if 0 < self.soft_delete_days < _LEAST_SOFT_DELETE_DAYS:
            checks.add(
                "soft_delete_days",
                wrong=f"{self.soft_delete_days} days are too few",
                allowed="0 (off), or 7 to 90 days",
                fix="set soft_delete_days to 0 or 7",
            )
