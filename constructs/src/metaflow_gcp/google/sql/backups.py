"""How far back the database can be restored. Needs no Node.

https://cloud.google.com/sql/docs/postgres/backup-recovery/pitr
"""

from metaflow_gcp.checks import Checks

MAX_BACKUPS = 365
MAX_POINT_IN_TIME_DAYS = 7
"""Of edition ENTERPRISE."""


def check(checks: Checks, *, backups_retained: int, point_in_time_recovery_days: int) -> None:
    """Add what is out of range, and backups that do not reach back as far as the transaction logs."""
    before = len(checks.problems)
    checks.between("backups_retained", backups_retained, 1, MAX_BACKUPS)
    checks.between("point_in_time_recovery_days", point_in_time_recovery_days, 1, MAX_POINT_IN_TIME_DAYS, "days")
    if len(checks.problems) == before and backups_retained < point_in_time_recovery_days:
        checks.add(
            "backups_retained",
            wrong=f"{backups_retained} daily backups do not reach back "
            f"{point_in_time_recovery_days} days (point_in_time_recovery_days)",
            allowed=f"{point_in_time_recovery_days} or more",
            fix="raise backups_retained, or lower point_in_time_recovery_days",
        )
