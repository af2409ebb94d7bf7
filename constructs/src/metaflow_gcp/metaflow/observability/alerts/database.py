"""The database. Needs no Node."""

from collections.abc import Iterator

from metaflow_gcp.google.monitoring.alert import LogAlert, MetricAlert
from metaflow_gcp.metaflow.observability.alerts import shared
from metaflow_gcp.metaflow.observability.watched import Watched


def database(watched: Watched) -> Iterator[MetricAlert | LogAlert]:
    yield MetricAlert(
        id="database-down",
        title="The database does not answer",
        severity="CRITICAL",
        query=f"max({watched.of_database('up')}) < 1",
        minutes=5,
        what_to_do="""\
Cloud SQL has said for 5 minutes that the server is not up. No run can start, and running ones retry.

`gcloud sql operations list --instance INSTANCE` shows maintenance and failovers. docs/operations.md has the
restore.""",
    )
    for resource, id_, what, consequence in (
        (
            "disk/utilization",
            "disk",
            "disk is nearly full",
            "It grows by itself, unless its limit or a quota forbids it",
        ),
        ("cpu/utilization", "cpu", "CPU is busy", "Lists in the user interface become slow"),
        ("memory/utilization", "memory", "memory is nearly full", "Postgres may be restarted"),
    ):
        yield MetricAlert(
            id=f"database-{id_}",
            title=f"The database's {what}",
            severity="WARNING" if id_ == "cpu" else "ERROR",
            query=f"max({watched.of_database(resource)}) > {shared.BUSY}",
            minutes=30,
            what_to_do=f"""\
More than 90 percent for half an hour. {consequence}.

Query Insights in the console of Cloud SQL shows which queries take it. A larger `database.tier` or
`database.disk_size_gb` in the settings, and a deployment, gives more; the tier takes a restart of some minutes.""",
        )
    if watched.max_connections is not None:
        most = int(watched.max_connections * 0.8)
        yield MetricAlert(
            id="database-connections",
            title="The database is running out of connections",
            severity="ERROR",
            query=f"sum({watched.of_database('postgresql/num_backends')}) > {most}",
            minutes=10,
            what_to_do=f"""\
More than {most} of {watched.max_connections} connections have been in use for 10 minutes. When none is left,
services get errors.

Look for clients besides the platform's own. Choose a larger `database.tier`, or fewer
`metadata_service.replicas`.""",
        )
    yield LogAlert(
        id="database-backup",
        title="A backup of the database failed",
        severity="ERROR",
        # https://cloud.google.com/sql/docs/postgres/backup-recovery/view-audit-logs-for-automated-backups
        filter='log_id("cloudaudit.googleapis.com/system_event") AND resource.type="cloudsql_database"'
        f' AND resource.labels.database_id="{watched.project}:{watched.database}"'
        ' AND protoPayload.methodName="cloudsql.instances.automatedBackup"'
        ' AND protoPayload.metadata.windowStatus=("STATUS_FAILED" OR "STATUS_ATTEMPT_FAILED" OR "STATUS_SKIPPED")',
        what_to_do="""\
The daily backup failed or was skipped; the log entry says why.

`gcloud sql backups list --instance INSTANCE` shows the last good one. Make one now: `gcloud sql backups create
--instance INSTANCE`.""",
    )
