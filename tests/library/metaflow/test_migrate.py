"""The migration, as it runs in its container: against a driver and a goose that a test can look into."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import metaflow_gcp

MIGRATE = Path(metaflow_gcp.__file__).parent / "metaflow/migrate.py"
ENVIRONMENT = {
    "MF_METADATA_DB_HOST": "10.0.0.5",
    "MF_METADATA_DB_PORT": "5432",
    "MF_METADATA_DB_NAME": "metaflow",
    "MF_METADATA_DB_USER": "someone",
    "MF_METADATA_DB_PSWD": "abc123",
    "MF_METADATA_DB_SSL_MODE": "verify-ca",
    "MF_METADATA_DB_SSL_ROOT_CERT_PATH": "/etc/database/server-ca.pem",
}
# Stands in for the image's driver. It writes down what it is told, and fails as often as the test wants.
PSYCOPG2 = """
import json, os

FAILURES, BUSY = (int(os.environ[name]) for name in ("FAILURES", "BUSY"))

def note(*what):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(json.dumps(what) + "\\n")

class Error(Exception):
    pass

class OperationalError(Error):
    pass

class Connection:
    autocommit = False

    def cursor(self):
        return Cursor(self)

class Cursor:
    def __init__(self, connection):
        self.connection = connection

    def execute(self, statement, values=()):
        global BUSY
        note("execute", statement, values, self.connection.autocommit)
        BUSY -= 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def fetchone(self):
        return (BUSY < 0,)

    def fetchall(self):
        return []

def connect(**how):
    global FAILURES
    FAILURES -= 1
    if FAILURES >= 0:
        note("refused")
        raise OperationalError("connection refused")
    note("connect", how)
    return Connection()
"""
# Loaded by Python at start: time passes without waiting, and goose is a program of the test's.
SITECUSTOMIZE = """
import os, subprocess, time

started = time.monotonic()
passed = 0

def sleep(seconds):
    global passed
    assert seconds > 0
    passed += seconds

def monotonic():
    return started + passed

def call(command, **_):
    from psycopg2 import note
    note("call", *command)
    return int(os.environ["GOOSE"])

time.sleep, time.monotonic, subprocess.call = sleep, monotonic, call
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / "psycopg2.py").write_text(PSYCOPG2)
    (tmp_path / "sitecustomize.py").write_text(SITECUSTOMIZE)
    (tmp_path / "notes").touch()

    def run(*, failures=0, busy=0, goose=0, **environment):
        of_test = {"NOTES": str(tmp_path / "notes"), "FAILURES": str(failures), "BUSY": str(busy), "GOOSE": str(goose)}
        done = subprocess.run(
            # As the container starts it: the program's text is an argument.
            [sys.executable, "-c", MIGRATE.read_text(), "/srv/app/migration_files"],
            env={**ENVIRONMENT, **environment, **of_test, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        notes = [json.loads(line) for line in (tmp_path / "notes").read_text().splitlines()]
        return done.returncode, done.stdout, done.stderr, notes

    return run


def test_it_takes_the_lock_and_then_migrates_once_with_a_look_at_the_indexes_before_and_after(run):
    code, out, err, notes = run()
    assert (code, out, err) == (0, "", "")
    words = ("pg_try_advisory_lock", "pg_stat_activity", "indisvalid")
    done = [next(word for word in words if word in note[0]) if kind == "execute" else kind for kind, *note in notes]
    assert done == ["connect", "pg_try_advisory_lock", "pg_stat_activity", "indisvalid", "call", "indisvalid"]
    address = (
        "postgresql://someone:abc123@10.0.0.5:5432/metaflow"
        "?sslmode=verify-ca&sslrootcert=%2Fetc%2Fdatabase%2Fserver-ca.pem&application_name=metaflow-migration"
    )
    assert notes[-2] == ["call", "goose", "-dir", "/srv/app/migration_files", "postgres", address, "up"]


def test_any_password_goes_into_the_address_whole(run):
    """The image's own program, run_goose.py of metaflow-service v2.5.1, leaves the slash as it is."""
    *_, notes = run(MF_METADATA_DB_PSWD="a/b@c:d?e#f g")
    address = urlsplit(notes[-2][5])
    assert unquote(address.password) == "a/b@c:d?e#f g"
    assert address.hostname == "10.0.0.5"


def test_it_connects_as_the_environment_says_with_the_server_verified(run):
    *_, notes = run()
    [how] = [how for kind, *how in notes if kind == "connect"]
    assert how == [
        {
            "host": "10.0.0.5",
            "port": "5432",
            "dbname": "metaflow",
            "user": "someone",
            "password": "abc123",
            "sslmode": "verify-ca",
            "sslrootcert": "/etc/database/server-ca.pem",
            "connect_timeout": 10,
            # Not goose's own: whoever waits for the lock would be taken for what an interrupted migration left.
            "application_name": "metaflow-migration-lock",
            # Google Cloud forgets connections that are silent for ten minutes, and the lock goes with its session.
            "keepalives_idle": 60,
        }
    ]


def test_it_waits_for_a_database_that_is_not_there_yet(run):
    code, out, _, notes = run(failures=3)
    assert code == 0
    assert out.splitlines() == ["Waiting for the database: connection refused"] * 3
    assert [kind for kind, *_ in notes] == ["refused"] * 3 + ["connect", *["execute"] * 3, "call", "execute"]


def test_it_gives_up_on_a_database_that_never_comes_and_says_why(run):
    code, _, err, notes = run(failures=10**6)
    assert code == 1
    assert err == "No connection to the database within five minutes: connection refused\n"
    assert {kind for kind, *_ in notes} == {"refused"}


def test_it_waits_for_another_replica_s_migration_outside_of_statements_and_transactions(run):
    """CREATE INDEX CONCURRENTLY waits for every open transaction, a wait inside a statement included."""
    code, out, _, notes = run(busy=3)
    assert code == 0
    assert out.splitlines() == ["Another replica migrates the database; waiting for it."] * 3
    executed = [note for kind, *note in notes if kind == "execute"]
    # pg_advisory_lock would wait inside the statement
    asked = [values for statement, values, _ in executed if "pg_try_advisory_lock(" in statement]
    assert asked == [asked[0]] * 4  # one lock for all
    assert all(autocommit is True for *_, autocommit in executed)


def test_the_lock_is_held_by_the_session_for_as_long_as_goose_runs(run):
    *_, notes = run()
    assert not any("xact" in str(note) for note in notes)
    assert not any("unlock" in str(note) for note in notes)


def test_goose_s_failure_is_its_own_so_that_no_server_starts(run):
    code, *_, notes = run(goose=7)
    assert code == 7
    assert notes[-1][0] == "call"
