"""The migration on a real PostgreSQL, broken off at every kind of statement, and what the next one makes of it."""

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import psycopg2
import pytest

import metaflow_gcp
from scripts.postgres import Postgres

MIGRATE = Path(metaflow_gcp.__file__).parent / "metaflow/migrate.py"
# In goose's format, and with what matters of the service's own (services/migration_service/migration_files): tables in
# a transaction, then indexes built and dropped concurrently, outside of one.
MIGRATIONS = {
    "1_tables.sql": """-- +goose Up
-- +goose StatementBegin
CREATE TABLE runs_v3 (flow_id text, run_number int, run_id text);
CREATE TABLE metadata_v3 (flow_id text, run_number int, field_name text);
-- +goose StatementEnd
""",
    "2_index.sql": """-- +goose NO TRANSACTION
-- +goose Up
-- why there is an index
CREATE INDEX CONCURRENTLY IF NOT EXISTS runs_v3_idx ON runs_v3 (flow_id, run_id) WHERE run_id IS NOT NULL;
""",
    "3_better_index.sql": """-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY IF NOT EXISTS runs_v3_idx_v2 ON runs_v3 (flow_id, run_id);
DROP INDEX CONCURRENTLY IF EXISTS runs_v3_idx;
CREATE INDEX CONCURRENTLY IF NOT EXISTS metadata_v3_idx ON metadata_v3 (flow_id, field_name);
""",
}
# Does what goose v3.9.0 does with them (migration_sql.go): a transaction for a file, or each statement by itself, and
# the version when all of them are done. As in every Go program SIGTERM ends it, even where it was ignored.
# Through sh, because the first line of a script can hold neither spaces nor much length: both programs in one text.
GOOSE = f"""#!/bin/sh
'''exec' {shlex.quote(sys.executable)} "$0" "$@"
' '''
import pathlib, signal, sys, psycopg2

signal.signal(signal.SIGTERM, signal.SIG_DFL)
_, _, folder, _, address, _ = sys.argv
connection = psycopg2.connect(address)
connection.autocommit = True
cursor = connection.cursor()
cursor.execute("CREATE TABLE IF NOT EXISTS goose_db_version (version_id int)")
for path in sorted(pathlib.Path(folder).iterdir()):
    version, text = int(path.name.split("_")[0]), path.read_text()
    cursor.execute("SELECT 1 FROM goose_db_version WHERE version_id = %s", (version,))
    if cursor.fetchone():
        continue
    alone = "-- +goose NO TRANSACTION" in text
    for statement in text.split(";") if alone else [text]:
        if statement.strip():
            cursor.execute(statement)
    cursor.execute("INSERT INTO goose_db_version VALUES (%s)", (version,))
"""
# Loaded by Python at start: a program that asks again and again asks faster.
SITECUSTOMIZE = "import time\nwait = time.sleep\ntime.sleep = lambda seconds: wait(seconds / 100)\n"

WANTED = [
    "CREATE INDEX metadata_v3_idx ON public.metadata_v3 USING btree (flow_id, field_name)",
    "CREATE INDEX runs_v3_idx_v2 ON public.runs_v3 USING btree (flow_id, run_id)",
]


@pytest.fixture(scope="module")
def server():
    with Postgres() as server:
        yield server


def end(process):
    """With its goose, whom a signal to the group would not reach."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for each in (first := psutil.Process(process.pid), *first.children(recursive=True)):
            each.kill()


class Database:
    """A database of the test's own, and the migration on it."""

    def __init__(self, server, name, folder):
        self.server, self.name, self.folder = server, name, folder
        self.processes = {}

    def query(self, statement):
        connection = self.server.connect(self.name)
        with connection.cursor() as cursor:
            cursor.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
        connection.close()
        return rows

    def hold(self, table, mode):
        """A client that is in the middle of something: concurrent changes of indexes wait for it."""
        client = self.server.connect(self.name)
        client.cursor().execute(f"BEGIN; LOCK TABLE {table} IN {mode} MODE")
        return client

    def migrate(self, **environment):
        process = subprocess.Popen(
            [sys.executable, "-c", MIGRATE.read_text(), str(self.folder / "migrations")],
            env={
                "PATH": str(self.folder),
                "PYTHONPATH": str(self.folder),
                **self.server.environment(self.name),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        # So that a migration that waits for ever fails its test.
        self.processes[process] = threading.Timer(60, end, (process,))
        self.processes[process].start()
        return process

    def migrated(self):
        """A whole run: exit code and log."""
        process = self.migrate()
        output, _ = process.communicate()
        return process.returncode, output

    def tables(self):
        self.query(MIGRATIONS["1_tables.sql"])
        self.query("CREATE TABLE goose_db_version (version_id int); INSERT INTO goose_db_version VALUES (1)")

    def broken_off(self, statement, table):
        """Leaves behind what the statement leaves when it is broken off while it waits for a client."""
        client = self.hold(table, "ROW EXCLUSIVE")
        session = self.server.connect(self.name)
        session.cursor().execute("SET statement_timeout = 50")
        with pytest.raises(psycopg2.errors.QueryCanceled):
            session.cursor().execute(statement)
        session.close()
        client.close()

    def until(self, condition):
        deadline = time.monotonic() + 60
        while not self.query(condition):
            assert time.monotonic() < deadline, condition
            time.sleep(0.01)

    @property
    def not_valid(self):
        return [name for (name,) in self.query("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid")]

    def assert_migrated(self):
        assert self.not_valid == []
        definitions = "SELECT pg_get_indexdef(indexrelid) AS text FROM pg_index WHERE indrelid::regclass::text ~ '_v3$'"
        assert [text for (text,) in self.query(f"{definitions} ORDER BY text")] == WANTED
        assert self.query("SELECT version_id FROM goose_db_version ORDER BY 1") == [(1,), (2,), (3,)]


@pytest.fixture
def database(server, tmp_path):
    (tmp_path / "migrations").mkdir()
    for name, text in MIGRATIONS.items():
        (tmp_path / "migrations" / name).write_text(text)
    (tmp_path / "goose").write_text(GOOSE)
    (tmp_path / "goose").chmod(0o755)
    (tmp_path / "sitecustomize.py").write_text(SITECUSTOMIZE)
    name = "test_" + re.sub(r"\W", "_", tmp_path.name).lower()
    made = Database(server, name, tmp_path)
    Database(server, "postgres", tmp_path).query(f"CREATE DATABASE {name}")
    yield made
    for process, timer in made.processes.items():
        timer.cancel()
        if process.poll() is None:
            end(process)
        process.wait()
        process.stdout.close()


GOOSE_WAITS = """
SELECT 1 FROM pg_stat_activity
WHERE application_name = 'metaflow-migration' AND wait_event_type = 'Lock' AND datname = current_database()
"""


def test_a_new_database_is_migrated_and_the_next_run_changes_nothing(database):
    assert database.migrated() == (0, "")
    database.assert_migrated()
    assert database.migrated() == (0, "")


# A client that writes holds up a build, and one that reads holds up a drop.
MOMENTS = {
    "first build": ("runs_v3", "ROW EXCLUSIVE", "runs_v3_idx"),
    "drop": ("runs_v3", "ACCESS SHARE", "runs_v3_idx"),
    "last build": ("metadata_v3", "ROW EXCLUSIVE", "metadata_v3_idx"),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_it_leaves_a_session_and_an_index_that_the_next_run_clears_up(database, moment):
    table, mode, index = MOMENTS[moment]
    database.tables()
    client = database.hold(table, mode)
    first = database.migrate()
    # On the client, that is: on a clean-up by the database itself it may wait for a moment anywhere.
    database.until(f"{GOOSE_WAITS} AND query ~* '{'drop' if moment == 'drop' else 'create'} index.*{index}'")
    # As a container ends: all of its processes at once, and nobody tells the database.
    end(first)
    assert database.query(GOOSE_WAITS)
    assert database.not_valid == [index]

    second = database.migrate()
    said = second.stdout.readline()
    assert re.match(r"Ending session \d+, which an interrupted migration left behind: .*INDEX CONCURRENTLY", said)
    database.until(f"SELECT 1 WHERE NOT EXISTS ({GOOSE_WAITS})")
    client.close()
    output, _ = second.communicate()
    assert f"Index {index} is not valid, as an interrupted build leaves it; building it again.\n" in output
    assert second.returncode == 0, output
    database.assert_migrated()


def test_a_database_that_restarts_half_way_is_migrated_by_the_next_run(database):
    database.tables()
    client = database.hold("metadata_v3", "ROW EXCLUSIVE")
    first = database.migrate()
    database.until(GOOSE_WAITS)
    database.server.stop()
    database.server.start()
    client.close()
    first.communicate()
    assert first.returncode != 0  # no server starts on half a schema
    assert database.not_valid == ["metadata_v3_idx"]
    code, output = database.migrated()
    assert code == 0, output
    database.assert_migrated()


def test_an_index_that_an_earlier_run_took_for_done_is_built_again(database):
    """What `IF NOT EXISTS` skips and goose then writes down, nobody builds any more."""
    assert database.migrated() == (0, "")
    definition = "CREATE INDEX CONCURRENTLY metadata_v3_idx ON metadata_v3 (flow_id, field_name)"
    database.query("DROP INDEX metadata_v3_idx")
    database.broken_off(definition, "metadata_v3")
    assert database.not_valid == ["metadata_v3_idx"]
    assert database.migrated() == (
        0,
        "Index metadata_v3_idx is not valid, as an interrupted build leaves it; building it again.\n",
    )
    database.assert_migrated()


def test_remains_of_a_broken_off_repair_and_of_a_broken_off_drop_are_dropped(database):
    assert database.migrated() == (0, "")
    database.broken_off("REINDEX INDEX CONCURRENTLY metadata_v3_idx", "metadata_v3")
    database.query("CREATE INDEX runs_v3_idx ON runs_v3 (run_id)")
    # DROP INDEX CONCURRENTLY ends with this, before the index is gone.
    state = "indislive = false, indisready = false, indisvalid = false"
    database.query(f"UPDATE pg_index SET {state} WHERE indexrelid = 'runs_v3_idx'::regclass")
    assert database.not_valid == ["metadata_v3_idx_ccnew", "runs_v3_idx"]
    code, output = database.migrated()
    assert code == 0, output
    assert output.count("is the rest of an interrupted change; dropping it.") == 2
    database.assert_migrated()


def test_an_index_of_somebody_else_is_left_alone(database):
    database.query("CREATE SCHEMA theirs; CREATE TABLE theirs.things (name text)")
    database.broken_off("CREATE INDEX CONCURRENTLY things_idx ON theirs.things (name)", "theirs.things")
    assert database.migrated() == (0, "")
    assert database.not_valid == ["theirs.things_idx"]


def test_a_person_who_builds_an_index_is_waited_for(database):
    database.tables()
    client = database.hold("metadata_v3", "ROW EXCLUSIVE")
    person = threading.Thread(
        target=database.query, args=("CREATE INDEX CONCURRENTLY metadata_v3_idx ON metadata_v3 (flow_id, field_name)",)
    )
    person.start()
    database.until("SELECT 1 FROM pg_index WHERE NOT indisvalid")
    process = database.migrate()
    assert re.match(r"Waiting for session \d+, which changes an index: CREATE INDEX", process.stdout.readline())
    client.close()
    person.join()
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert "building it again" not in output
    database.assert_migrated()


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("PSWD", "wrong", 'FATAL:  password authentication failed for user "metaflow"'),
        ("NAME", "nothing", 'FATAL:  database "nothing" does not exist'),
        ("SSL_MODE", "verify-ca", "server does not support SSL, but SSL was required"),
    ],
)
def test_a_refusal_that_waiting_does_not_change_ends_it_at_once_in_the_server_s_words(database, variable, value, said):
    process = database.migrate(**{f"MF_METADATA_DB_{variable}": value})
    output, _ = process.communicate()
    assert process.returncode == 1
    [line] = output.splitlines()
    assert line.startswith("The database cannot be used like this: ")
    assert said in line


def test_asked_to_stop_it_and_goose_finish(database):
    """The kubelet signals a container's first process; here the whole group gets it, which is more."""
    database.tables()
    client = database.hold("metadata_v3", "ROW EXCLUSIVE")
    process = database.migrate()
    database.until(GOOSE_WAITS)
    os.killpg(process.pid, signal.SIGTERM)
    assert process.stdout.readline() == "Asked to stop; finishing the migration first.\n"
    client.close()
    assert process.communicate() == ("", None)
    assert process.returncode == 0
    database.assert_migrated()


def test_asked_to_stop_while_it_waits_for_another_replica_it_stops(database):
    other = database.server.connect(database.name)
    other.cursor().execute("SELECT pg_advisory_lock(6283185)")
    process = database.migrate()
    assert process.stdout.readline() == "Another replica migrates the database; waiting for it.\n"
    process.terminate()
    output, _ = process.communicate()
    assert process.returncode == 1
    assert output.endswith("Asked to stop before the migration began.\n")


def test_replicas_that_start_together_migrate_once(database):
    started = [database.migrate() for _ in range(3)]
    logs = [process.communicate()[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], logs
    assert not [log for log in logs if "Ending session" in log]  # those who wait are nobody's remains
    database.assert_migrated()
