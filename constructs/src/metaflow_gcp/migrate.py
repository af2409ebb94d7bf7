"""Runs in the metadata service's image, before the server: migrates the database once, to the end.

    python3 -c '...' FOLDER_WITH_THE_MIGRATIONS

Two migrations at once race, and one that is killed leaves an invalid index behind. So the lock comes first, and
whoever is asked to stop finishes.
"""

import os
import signal
import subprocess
import sys
import time
from urllib.parse import quote, urlencode

import psycopg2

# Any number, as long as all replicas take the same.
LOCK = 6283185

# Inherited by what is started below.
signal.signal(signal.SIGTERM, signal.SIG_IGN)

env = {name.removeprefix("MF_METADATA_DB_"): value for name, value in os.environ.items()}
deadline = time.monotonic() + 300
while True:
    try:
        connection = psycopg2.connect(
            host=env["HOST"],
            port=env["PORT"],
            dbname=env["NAME"],
            user=env["USER"],
            password=env["PSWD"],
            sslmode=env["SSL_MODE"],
            sslrootcert=env["SSL_ROOT_CERT_PATH"],
            connect_timeout=10,
        )
        break
    except psycopg2.OperationalError as error:
        if time.monotonic() > deadline:
            sys.exit(f"The database did not answer within five minutes: {error}")
        print(f"Waiting for the database: {error}", flush=True)
        time.sleep(2)

# No transaction, and no waiting inside a statement: CREATE INDEX CONCURRENTLY waits for everybody else's to end, and
# would wait for those who wait for this lock.
connection.autocommit = True
cursor = connection.cursor()
while True:
    cursor.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,))
    if cursor.fetchone()[0]:
        break
    print("Another replica migrates the database; waiting for it.", flush=True)
    time.sleep(2)

address = "postgresql://{}:{}@{}:{}/{}?{}".format(
    quote(env["USER"], safe=""),
    quote(env["PSWD"], safe=""),
    env["HOST"],
    env["PORT"],
    quote(env["NAME"], safe=""),
    urlencode({"sslmode": env["SSL_MODE"], "sslrootcert": env["SSL_ROOT_CERT_PATH"]}),
)
sys.exit(subprocess.call(["goose", "-dir", sys.argv[1], "postgres", address, "up"]))
