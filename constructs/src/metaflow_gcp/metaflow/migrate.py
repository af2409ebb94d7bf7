"""Runs in the metadata service's image, before the server: migrates the database once, to the end.

    python3 -c '...' FOLDER_WITH_THE_MIGRATIONS

Two migrations at once race, so a lock comes first, and whoever is asked to stop finishes. A migration that was killed
all the same leaves two things behind. Its session in the database goes on building an index, and deadlocks with the
next migration. And an index whose build was broken off stays, not valid: no query uses it, while
`CREATE INDEX CONCURRENTLY IF NOT EXISTS` takes it for done. Both are cleared up before and after goose runs.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from urllib.parse import quote, urlencode

import psycopg2

# Any number, as long as all replicas take the same.
LOCK = 6283185

# What goose's session is called in pg_stat_activity. The session with the lock must be called otherwise: whoever waits
# for the lock has one, too.
GOOSE = "metaflow-migration"
LOCK_HOLDER = "metaflow-migration-lock"

# What waiting does not change. Neither libpq nor psycopg2 hands on the code of a refused connection, only the text:
# postgres/src/backend/libpq/auth.c, utils/init/postinit.c, interfaces/libpq/fe-connect.c and fe-secure-openssl.c.
FINAL = (
    "password authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "does not exist",  # the database, the user, the file with the certificates
    "is not permitted to log in",
    "permission denied for database",
    "certificate verify failed",
    "server does not support SSL",
)

# Sessions of goose whose client is gone, or that a migration before this program's left: those have no name.
ORPHANS = """
SELECT pid, application_name = %(goose)s, query FROM pg_stat_activity
WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()
AND (application_name = %(goose)s OR state = 'active' AND query ~* '\\mindex\\s+concurrently\\M')
"""

# A copy that REINDEX made or replaced (`_ccnew`, `_ccold`), and an index that was being dropped, are of no use; first.
NOT_VALID = """
SELECT indexrelid::regclass::text, NOT indislive OR relname ~ '_cc(new|old)[0-9]*$' AS remains
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE NOT indisvalid AND relkind = 'i' AND relnamespace = current_schema()::regnamespace
AND pg_has_role(relowner, 'USAGE') ORDER BY remains DESC, 1
"""

env = {name.removeprefix("MF_METADATA_DB_"): value for name, value in os.environ.items()}
under_way = False


def say(what: str) -> None:
    print(what, flush=True)


def stop(*_: object) -> None:
    if not under_way:
        sys.exit("Asked to stop before the migration began.")
    say("Asked to stop; finishing the migration first.")


def connect() -> psycopg2.extensions.connection:
    deadline = time.monotonic() + 300
    while True:
        try:
            return psycopg2.connect(
                host=env["HOST"],
                port=env["PORT"],
                dbname=env["NAME"],
                user=env["USER"],
                password=env["PSWD"],
                sslmode=env["SSL_MODE"],
                sslrootcert=env["SSL_ROOT_CERT_PATH"],
                connect_timeout=10,
                application_name=LOCK_HOLDER,
                # Google's network forgets a connection that is silent for ten minutes, and the lock would go with it.
                # https://cloud.google.com/vpc/docs/firewalls
                keepalives_idle=60,
            )
        except psycopg2.OperationalError as error:
            message = str(error).strip()
            if any(text in message for text in FINAL):
                sys.exit(f"The database cannot be used like this: {message}")
            if time.monotonic() > deadline:
                sys.exit(f"No connection to the database within five minutes: {message}")
            say(f"Waiting for the database: {message}")
            time.sleep(2)


def take_lock(cursor: psycopg2.extensions.cursor) -> None:
    while True:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,))
        if cursor.fetchone()[0]:
            return
        say("Another replica migrates the database; waiting for it.")
        time.sleep(2)


def end_orphans(cursor: psycopg2.extensions.cursor) -> None:
    """Ends those that are goose's for certain, and waits for those that may be a person's."""
    while True:
        cursor.execute(ORPHANS, {"goose": GOOSE})
        orphans = cursor.fetchall()
        if not orphans:
            return
        for pid, of_goose, query in orphans:
            what = " ".join(query.split())
            if of_goose:
                say(f"Ending session {pid}, which an interrupted migration left behind: {what}")
                cursor.execute("SELECT pg_terminate_backend(%s)", (pid,))
            else:
                say(f"Waiting for session {pid}, which changes an index: {what}")
        time.sleep(2)


def repair_indexes(cursor: psycopg2.extensions.cursor) -> None:
    cursor.execute(NOT_VALID)
    for index, remains in cursor.fetchall():
        if remains:
            say(f"Index {index} is the rest of an interrupted change; dropping it.")
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
        else:
            # Not by DROP and CREATE: killed between the two, nobody would know the index any more, for goose may have
            # written down its migration as done.
            say(f"Index {index} is not valid, as an interrupted build leaves it; building it again.")
            cursor.execute(f"REINDEX INDEX CONCURRENTLY {index}")


def goose() -> int:
    address = "postgresql://{}:{}@{}:{}/{}?{}".format(
        quote(env["USER"], safe=""),
        quote(env["PSWD"], safe=""),
        env["HOST"],
        env["PORT"],
        quote(env["NAME"], safe=""),
        urlencode({"sslmode": env["SSL_MODE"], "sslrootcert": env["SSL_ROOT_CERT_PATH"], "application_name": GOOSE}),
    )
    # The kubelet signals this process only. goose would not survive the signal, whatever it inherits: Go programs
    # handle SIGTERM even where it was ignored. In a session of its own it is not reached through a group, either.
    return subprocess.call(["goose", "-dir", sys.argv[1], "postgres", address, "up"], start_new_session=True)


signal.signal(signal.SIGTERM, stop)
connection = connect()
# No transaction, and no waiting inside a statement: CREATE INDEX CONCURRENTLY waits for everybody else's to end, and
# would wait for those who wait for this lock.
connection.autocommit = True
with connection.cursor() as cursor:
    take_lock(cursor)
    under_way = True
    try:
        end_orphans(cursor)
        repair_indexes(cursor)
        code = goose()
        if code == 0:
            repair_indexes(cursor)
    except psycopg2.Error as error:
        sys.exit(f"The migration failed, and is repeated when the container starts again: {str(error).strip()}")
sys.exit(code)
