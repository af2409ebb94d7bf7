"""What a person chooses about the database. Needs no Node."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le, Unit

from metaflow_gcp.checks import Checks
from metaflow_gcp.choices import check_each
from metaflow_gcp.google.sql import tiers


@dataclass(frozen=True, kw_only=True)
class PostgresChoices:
    """Cloud SQL for Postgres 16, edition ENTERPRISE: runs, steps and tasks."""

    tier: str = "db-custom-1-3840"
    """db-custom-<vCPUs>-<memory in MB>: 1 or an even number of vCPUs up to 96; memory a multiple of 256 MB, 0.9 to 6.5
    GB per vCPU, at least 3840. For trials db-g1-small: 50 connections, no service level.
    https://cloud.google.com/sql/docs/postgres/instance-settings"""
    disk_size_gb: Annotated[int, Ge(10), Le(65536), Unit("GB")] = 10
    """The disk at first, in GB: 10 to 65536. It grows by itself."""
    high_availability: bool = False
    """A standby in another zone takes over. Twice the price."""
    backups_retained: Annotated[int, Ge(1), Le(365)] = 7
    """Daily backups that are kept: 1 to 365, and at least `point_in_time_recovery_days`."""
    point_in_time_recovery_days: Annotated[int, Ge(1), Le(7), Unit("days")] = 7
    """Days back to any second of which data can be restored: 1 to 7, the limit of edition ENTERPRISE.
    https://cloud.google.com/sql/docs/postgres/backup-recovery/pitr"""
    maintenance_day: Annotated[int, Ge(1), Le(7)] = 7
    """The day (UTC) on which Google may restart the database for updates: 1 is Monday, 7 Sunday."""
    maintenance_hour: Annotated[int, Ge(0), Le(23)] = 8
    """The hour (UTC) from which it may: 0 to 23."""
    query_insights: bool = True
    """Statistics of queries in the console, at no cost."""

    def check(self, checks: Checks) -> None:
        before = len(checks.problems)
        check_each(checks, self)
        in_bounds = len(checks.problems) == before
        tiers.check(checks, "tier", self.tier)
        if in_bounds and self.backups_retained < self.point_in_time_recovery_days:
            checks.add(
                "backups_retained",
                wrong=f"{self.backups_retained} daily backups do not reach back "
                f"{self.point_in_time_recovery_days} days (point_in_time_recovery_days)",
                allowed=f"{self.point_in_time_recovery_days} or more",
                fix="raise backups_retained, or lower point_in_time_recovery_days",
            )
