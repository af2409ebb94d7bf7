"""The model of the cloud: what exists, what is enabled, what is reserved and what quota there is, in one SQLite file.

Several provider processes with several threads each write at once: every change is one immediate transaction, and
each thread has its own connection.
"""

import fcntl
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from rehearsal.protocol.values import Value, from_json, to_json

_T = TypeVar("_T")

ENVIRONMENT = "REHEARSAL_CLOUD"
"""The environment variable that names the file."""

_TABLES = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS projects (project TEXT PRIMARY KEY, number TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS apis (project TEXT, api TEXT, PRIMARY KEY (project, api));
CREATE TABLE IF NOT EXISTS objects (kind TEXT, scope TEXT, id TEXT, state TEXT NOT NULL, PRIMARY KEY (kind, scope, id));
CREATE TABLE IF NOT EXISTS uses (
    kind TEXT, scope TEXT, id TEXT, target_kind TEXT, target_scope TEXT, target_id TEXT, part INTEGER,
    PRIMARY KEY (kind, scope, id, target_kind, target_scope, target_id)
);
CREATE INDEX IF NOT EXISTS uses_target ON uses (target_kind, target_scope, target_id);
CREATE TABLE IF NOT EXISTS reserved (
    kind TEXT, scope TEXT, id TEXT, reason TEXT NOT NULL, PRIMARY KEY (kind, scope, id)
);
CREATE TABLE IF NOT EXISTS quotas (
    project TEXT, region TEXT, metric TEXT, amount REAL NOT NULL, PRIMARY KEY (project, region, metric)
);
CREATE TABLE IF NOT EXISTS faults (fault TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS met (fault TEXT, address TEXT, times INTEGER NOT NULL, PRIMARY KEY (fault, address));
CREATE TABLE IF NOT EXISTS processes (name TEXT PRIMARY KEY, pid INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS waits (what TEXT, name TEXT, calls INTEGER NOT NULL, PRIMARY KEY (what, name));
CREATE TABLE IF NOT EXISTS notes (note TEXT PRIMARY KEY);
"""


class Key(NamedTuple):
    """What makes an object one of its kind: `scope` is its project, its cluster, or empty where names are worldwide."""

    kind: str
    scope: str
    id: str


@dataclass(frozen=True, kw_only=True)
class Object:
    """Something that exists in the cloud; `state` is all its attributes."""

    key: Key
    state: dict[str, Value]


@dataclass(frozen=True, kw_only=True)
class Use:
    """An object's reference to another one. A part goes when the whole goes; anything else keeps it from going."""

    target: Key
    part: bool = False


class Cloud:
    """The model in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        if not _made(self._database):
            # Two that turn the journal over to WAL at once do not wait for each other: SQLite refuses one of them.
            with path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not _made(self._database):
                    self._database.executescript(_TABLES)

    @property
    def _database(self) -> sqlite3.Connection:
        database: sqlite3.Connection | None = getattr(self._local, "database", None)
        if database is None:
            database = sqlite3.connect(self.path, timeout=60, isolation_level=None)
            database.execute("PRAGMA synchronous = OFF")
            self._local.database = database
        return database

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of what happens inside, or nothing; nested uses join the outermost."""
        database = self._database
        if database.in_transaction:
            yield database
            return
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
        except BaseException:
            database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")

    def _rows(self, query: str, *arguments: object) -> list[tuple[Any, ...]]:
        return self._database.execute(query, arguments).fetchall()

    def _column(self, query: str, *arguments: object) -> list[Any]:
        return [row[0] for row in self._rows(query, *arguments)]

    def _value(self, kind: Callable[[Any], _T], query: str, *arguments: object) -> _T | None:
        """What is in the only row; None where there is none."""
        return next((kind(value) for value in self._column(query, *arguments)), None)

    def _change(self, statement: str, *arguments: object) -> None:
        with self.transaction() as database:
            database.execute(statement, arguments)

    def get(self, key: Key) -> Object | None:
        state = self._value(str, "SELECT state FROM objects WHERE kind = ? AND scope = ? AND id = ?", *key)
        return None if state is None else Object(key=key, state=from_json(state))

    def all(self, kind: str = "%", scope: str = "%") -> list[Object]:
        """The objects of a kind, in a scope; by default everything."""
        query = "SELECT kind, scope, id, state FROM objects WHERE kind LIKE ? AND scope LIKE ? ORDER BY kind, scope, id"
        return [Object(key=Key(*row[:3]), state=from_json(row[3])) for row in self._rows(query, kind, scope)]

    def put(self, key: Key, state: dict[str, Value], uses: list[Use] | None = None) -> None:
        """Writes an object; `uses`, where given, replaces its references."""
        with self.transaction() as database:
            database.execute("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)", (*key, to_json(state)))
            if uses is not None:
                database.execute("DELETE FROM uses WHERE kind = ? AND scope = ? AND id = ?", key)
                database.executemany(
                    "INSERT OR REPLACE INTO uses VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [(*key, *use.target, use.part) for use in uses],
                )

    def users(self, key: Key, *, part: bool) -> list[Key]:
        """What refers to an object: its parts, or what merely uses it."""
        query = """
            SELECT kind, scope, id FROM uses
            WHERE target_kind = ? AND target_scope = ? AND target_id = ? AND part = ? ORDER BY 1, 2, 3
        """
        return [Key(*row) for row in self._rows(query, *key, part)]

    def remove(self, key: Key) -> None:
        """Deletes an object and all its parts."""
        with self.transaction() as database:
            for part in self.users(key, part=True):
                self.remove(part)
            database.execute("DELETE FROM objects WHERE kind = ? AND scope = ? AND id = ?", key)
            database.execute("DELETE FROM uses WHERE kind = ? AND scope = ? AND id = ?", key)

    def add_project(self, project: str, number: str) -> None:
        self._change("INSERT OR IGNORE INTO projects VALUES (?, ?)", project, number)

    def project_number(self, project: str) -> str | None:
        """The number of a project, or None where there is no such project; a project is known by its number too."""
        return self._value(str, "SELECT number FROM projects WHERE ? IN (project, number)", project)

    def project(self, number: str) -> str | None:
        """The project of that number or id."""
        return self._value(str, "SELECT project FROM projects WHERE ? IN (project, number)", number)

    def projects(self) -> list[str]:
        return self._column("SELECT project FROM projects ORDER BY 1")

    def enable(self, project: str, api: str) -> None:
        self._change("INSERT OR IGNORE INTO apis VALUES (?, ?)", project, api)

    def disable(self, project: str, api: str) -> None:
        self._change("DELETE FROM apis WHERE project = ? AND api = ?", project, api)

    def enabled(self, project: str) -> list[str]:
        return self._column("SELECT api FROM apis WHERE project = ? ORDER BY 1", project)

    def reserve(self, key: Key, reason: str) -> None:
        """Keeps a name from being used again."""
        self._change("INSERT OR REPLACE INTO reserved VALUES (?, ?, ?, ?)", *key, reason)

    def release(self, key: Key) -> None:
        """Lets a reserved name be used again."""
        self._change("DELETE FROM reserved WHERE kind = ? AND scope = ? AND id = ?", *key)

    def reserved(self, key: Key) -> str | None:
        return self._value(str, "SELECT reason FROM reserved WHERE kind = ? AND scope = ? AND id = ?", *key)

    def all_reserved(self) -> list[Key]:
        return [Key(*row) for row in self._rows("SELECT kind, scope, id FROM reserved ORDER BY 1, 2, 3")]

    def set_quota(self, project: str, region: str, metric: str, amount: float) -> None:
        self._change("INSERT OR REPLACE INTO quotas VALUES (?, ?, ?, ?)", project, region, metric, amount)

    def quota(self, project: str, region: str, metric: str) -> float | None:
        """The quota of a metric, or None where nothing was said of it."""
        query = "SELECT amount FROM quotas WHERE project = ? AND region = ? AND metric = ?"
        return self._value(float, query, project, region, metric)

    def wait_for(self, what: str, name: str, calls: int) -> None:
        """So many calls that need something will come before it is there everywhere; `name` is "" for any."""
        self._change("INSERT OR REPLACE INTO waits VALUES (?, ?, ?)", what, name, calls)

    def waits_for(self, what: str, name: str) -> int:
        return self._value(int, "SELECT calls FROM waits WHERE what = ? AND name = ?", what, name) or 0

    def note(self, note: str) -> None:
        """Records something that a person should hear of and that is no error."""
        self._change("INSERT OR IGNORE INTO notes VALUES (?)", note)

    def notes(self) -> list[str]:
        return self._column("SELECT note FROM notes ORDER BY rowid")


def _made(database: sqlite3.Connection) -> bool:
    return database.execute("SELECT 1 FROM sqlite_master WHERE name = 'notes'").fetchone() is not None
