"""Interrupts the migration at many moments and prints what one rerun makes of each: `make bench-migration SERVICE=...`.

Real PostgreSQL, real goose, the service's own migrations, on a database as an old version of the service left it, with
enough rows for the indexes to take seconds. A moment ends well when the rerun ends with 0, every index is valid, and
indexes and version are those of a migration that nobody interrupted.
"""

import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg2
from rich.console import Console
from rich.table import Table

from scripts.postgres import Postgres
from scripts.service import Service

ROOT = Path(__file__).parent.parent
MIGRATE = ROOT / "constructs/src/metaflow_gcp/metaflow/migrate.py"
MOMENTS = 20
# The last one without an index that is built concurrently.
OLD_VERSION = "20210202145952"

FILL = """
INSERT INTO flows_v3 VALUES ('Flow', 'someone', 0, '[]', '[]');
INSERT INTO runs_v3 (flow_id, user_name, ts_epoch, tags, system_tags, run_id)
SELECT 'Flow', 'someone', n, '["a"]', '["user:someone"]', 'argo-' || n FROM generate_series(1, 20000) n;
INSERT INTO steps_v3 (flow_id, run_number, step_name, ts_epoch, run_id)
SELECT 'Flow', run_number, 'start', 0, run_id FROM runs_v3;
INSERT INTO tasks_v3 (flow_id, run_number, step_name, ts_epoch, run_id, task_name)
SELECT 'Flow', run_number, 'start', 0, run_id, 'task-' || run_number FROM runs_v3;
INSERT INTO metadata_v3 (flow_id, run_number, step_name, task_id, field_name, value, type, ts_epoch, run_id, task_name)
SELECT 'Flow', run_number, 'start', task_id, 'field-' || n, 'value', 'text', 0, run_id, task_name
FROM tasks_v3, generate_series(1, 10) n;
INSERT INTO artifact_v3
(flow_id, run_number, step_name, task_id, name, location, ds_type, attempt_id, ts_epoch, run_id, task_name)
SELECT 'Flow', run_number, 'start', task_id, 'artifact-' || n, 'gs://', 'gs', 0, 0, run_id, task_name
FROM tasks_v3, generate_series(1, 10) n;
"""
INDEXES = """
SELECT pg_get_indexdef(indexrelid), indisvalid AND indisready AND indislive
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE relnamespace = 'public'::regnamespace ORDER BY 1
"""


def main() -> int:
    service = Service.of_the_command_line()
    with Postgres(max_wal_size="4GB") as server:
        _query(server, "postgres", "CREATE DATABASE old")
        service.goose(server.environment("old"), "up-to", OLD_VERSION)
        _query(server, "old", FILL)
        _query(server, "old", "CHECKPOINT")
        took, want = _uninterrupted(service, server)
        table = Table("interrupted", "after", "left not valid", "rerun", "then", title=f"uninterrupted: {took:.1f} s")
        bad = 0
        for number in range(1, MOMENTS + 1):
            after = took * number / (MOMENTS + 1)
            how = ("SIGKILL", "SIGKILL", "database restart")[number % 3]
            broken, code, found = _interrupted(service, server, how, after)
            well = code == 0 and found == want
            bad += not well
            table.add_row(
                how, f"{after:.2f} s", str(broken), f"exit {code}", "as uninterrupted" if well else "DIFFERENT"
            )
        Console(width=100).print(table)
        print(f"{MOMENTS - bad} of {MOMENTS} end with valid indexes and the right version after one rerun")
    return 1 if bad else 0


def _uninterrupted(service: Service, server: Postgres) -> tuple[float, object]:
    _restore(server)
    started = time.monotonic()
    process = _migrate(service, server)
    output, _ = process.communicate()
    if process.returncode:
        sys.exit(output)
    return time.monotonic() - started, _state(server)


def _interrupted(service: Service, server: Postgres, how: str, after: float) -> tuple[int, int, object]:
    _restore(server)
    process = _migrate(service, server)
    time.sleep(after)
    if how == "SIGKILL":
        # As a container ends: all of its processes at once. The database is not told.
        try:
            first = psutil.Process(process.pid)
            for each in (first, *first.children(recursive=True)):
                each.kill()
        except psutil.NoSuchProcess:
            pass  # it was done
    else:
        server.stop()
        server.start()
    process.communicate()
    broken = sum(not valid for _, valid in _query(server, "work", INDEXES))
    rerun = _migrate(service, server)
    output, _ = rerun.communicate()
    if rerun.returncode:
        print(output)
    return broken, rerun.returncode, _state(server)


def _migrate(service: Service, server: Postgres) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", MIGRATE.read_text(), str(service.migrations)],
        env={"PATH": str(service.folder_of_goose), **server.environment("work")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _restore(server: Postgres) -> None:
    _query(server, "postgres", "DROP DATABASE IF EXISTS work WITH (FORCE)")
    _query(server, "postgres", "CREATE DATABASE work TEMPLATE old STRATEGY file_copy")


def _state(server: Postgres) -> object:
    version = _query(server, "work", "SELECT max(version_id) FROM goose_db_version WHERE is_applied")
    return _query(server, "work", INDEXES), version


def _query(server: Postgres, database: str, statement: str) -> list[tuple[object, ...]]:
    connection = server.connect(database)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            try:
                return list(cursor.fetchall())
            except psycopg2.ProgrammingError:  # a statement without rows
                return []
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
