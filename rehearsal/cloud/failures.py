"""Failures on demand: what a test injects so that a deploy breaks at a chosen place."""

from typing import Literal

from rehearsal.cloud.model import Cloud

Flavour = Literal["refused", "lost", "none"]
"""How a create fails.

refused: nothing is created. lost: it is created, but the answer never came, so that Terraform keeps it as tainted.
none: it does not fail, though another entry says so: what is said of a type or a name goes before what is said of
all. (A Cloud SQL instance that Terraform replaces as tainted meets its own reserved name, here as on the real cloud.)
"""

EVERY = "*"
"""As a type or a name: any. The create of every object it matches fails once."""


def inject(cloud: Cloud, *, type_: str = EVERY, name: str = EVERY, flavour: Flavour = "refused") -> None:
    """Makes the first create of each matching object fail; `name` is the object's own name, not Terraform's address."""
    with cloud.transaction() as database:
        database.execute("INSERT OR REPLACE INTO failures VALUES (?, ?, ?)", (type_, name, flavour))


def failure(cloud: Cloud, type_: str, name: str) -> Flavour | None:
    """The failure that the create of this object meets now, if any; it will not meet it again."""
    with cloud.transaction() as database:
        row = database.execute(
            "SELECT flavour FROM failures WHERE type IN (?, ?) AND name IN (?, ?) ORDER BY type = '*', name = '*'",
            (type_, EVERY, name, EVERY),
        ).fetchone()
        met = database.execute("SELECT 1 FROM failed WHERE type = ? AND name = ?", (type_, name)).fetchone()
        if row is None or row[0] == "none" or met:
            return None
        database.execute("INSERT INTO failed VALUES (?, ?)", (type_, name))
        flavour: Flavour = row[0]
        return flavour


def failed(cloud: Cloud) -> list[tuple[str, str]]:
    """What has failed so far on demand: type and name."""
    with cloud.transaction() as database:
        return [(row[0], row[1]) for row in database.execute("SELECT type, name FROM failed ORDER BY rowid").fetchall()]
