"""What keeps data, and the images that run."""

from pydantic import Field

from metaflow_gcp import externals
from metaflow_gcp.checks import Checks
from metaflow_gcp.google.sql import backups, tiers
from metaflow_gcp.kubernetes import images
from stacks.settings import regions
from stacks.settings.tables.section import Number, Section


class Database(Section):
    """Cloud SQL for Postgres 16, edition ENTERPRISE: runs, steps and tasks."""

    tier: str = "db-custom-1-3840"
    """db-custom-<vCPUs>-<memory in MB>: 1 or an even number of vCPUs up to 96; memory a multiple of 256 MB, 0.9 to 6.5
    GB per vCPU, at least 3840. For trials db-g1-small: 50 connections, no service level.
    https://cloud.google.com/sql/docs/postgres/instance-settings"""
    disk_size_gb: Number = Field(default=10, ge=10, le=65536)
    """The disk at first, in GB: 10 to 65536. It grows by itself."""
    high_availability: bool = False
    """A standby in another zone takes over. Twice the price."""
    backups_retained: Number = Field(default=7, ge=1, le=365)
    """Daily backups that are kept: 1 to 365, and at least `point_in_time_recovery_days`."""
    point_in_time_recovery_days: Number = Field(default=7, ge=1, le=7)
    """Days back to any second of which data can be restored: 1 to 7, the limit of edition ENTERPRISE.
    https://cloud.google.com/sql/docs/postgres/backup-recovery/pitr"""
    maintenance_day: Number = Field(default=7, ge=1, le=7)
    """The day (UTC) on which Google may restart the database for updates: 1 is Monday, 7 Sunday."""
    maintenance_hour: Number = Field(default=8, ge=0, le=23)
    """The hour (UTC) from which it may: 0 to 23."""
    query_insights: bool = True
    """Statistics of queries in the console, at no cost."""

    def check(self, checks: Checks) -> None:
        tiers.check(checks, "tier", self.tier)
        backups.check(
            checks,
            backups_retained=self.backups_retained,
            point_in_time_recovery_days=self.point_in_time_recovery_days,
        )


class Storage(Section):
    """The bucket that holds every artifact of every run."""

    location: str | None = None
    """A region, dual-region or multi-region, such as us-west1, NAM4 or US. Default: `region`, where tasks read without
    paying for traffic. It cannot be changed later. https://cloud.google.com/storage/docs/locations"""
    versioning: bool = True
    """Keep what is overwritten or deleted for `noncurrent_days`."""
    noncurrent_days: Number = Field(default=30, ge=1, le=3650)
    """Days that overwritten and deleted artifacts are kept: 1 to 3650."""
    soft_delete_days: Number = Field(default=7, ge=0, le=90)
    """Days in which even those can be restored: 0 (off), or 7 to 90. https://cloud.google.com/storage/docs/soft-delete"""
    usage_logs_days: Number = Field(default=0, ge=0, le=3650)
    """Days that Cloud Storage's hourly logs of who read and wrote what are kept, in a bucket of their own: 0 (off) to
    3650. Where the organisation restricts sharing to its own domains, as new ones do, it must first allow Google's
    group cloud-storage-analytics@google.com. https://cloud.google.com/storage/docs/access-logs"""

    def check(self, checks: Checks, *, new_zones: tuple[str, ...] = ()) -> None:
        if self.location is not None:
            a_location = r"[A-Za-z]+[0-9]*(-[a-z]+[0-9]+)?"
            checks.matches("location", self.location, a_location, "a location, such as us-west1, NAM4 or US")
            if "-" in self.location and not checks.problems:
                regions.check_region(checks, "location", self.location.lower(), new_zones)
        if 0 < self.soft_delete_days < 7:  # noqa: PLR2004 - Cloud Storage's limit, said in the text below
            checks.add(
                "soft_delete_days",
                wrong=f"{self.soft_delete_days} days are too few",
                allowed="0 (off), or 7 to 90 days",
                fix="set storage.soft_delete_days to 0 or 7",
            )


class Registry(Section):
    """The team's repository of container images."""

    keep_versions: Number = Field(default=10, ge=1, le=10000)
    """The newest versions of each image, which are never cleaned up: 1 to 10000."""
    untagged_days: Number = Field(default=14, ge=1, le=3650)
    """Days after which a version that has lost its tag is deleted: 1 to 3650."""


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


class MetadataService(Section):
    """Metaflow's metadata service."""

    replicas: Number = Field(default=1, ge=1, le=5)
    """How many run side by side: 1 to 5. With 2 or more, an upgrade of a node interrupts nothing."""
