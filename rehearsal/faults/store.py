"""Which faults are asked for, and which have been met: beside the model, where every provider's process sees them."""

import json
from collections.abc import Callable
from dataclasses import asdict
from fnmatch import fnmatchcase

from rehearsal.cloud.model import Cloud
from rehearsal.faults.fault import Fault, Operation


def inject(cloud: Cloud, *faults: Fault) -> None:
    """Asks for faults; an equal one is asked for once."""
    with cloud.transaction() as database:
        database.executemany(
            "INSERT OR IGNORE INTO faults VALUES (?)", [(json.dumps(asdict(each)),) for each in faults]
        )


def clear(cloud: Cloud) -> None:
    """Nothing breaks any more; what has been met is forgotten."""
    with cloud.transaction() as database:
        database.execute("DELETE FROM faults")
        database.execute("DELETE FROM met")


def asked(cloud: Cloud) -> list[Fault]:
    """In the order in which they were asked for."""
    with cloud.transaction() as database:
        return [Fault(**json.loads(row[0])) for row in database.execute("SELECT fault FROM faults ORDER BY rowid")]


def take(cloud: Cloud, type_: str, operation: Operation, address: Callable[[], str]) -> Fault | None:
    """The fault that this call meets now, if any; it is counted as met. `address` is asked for only if needed."""
    fitting = [
        each
        for each in asked(cloud)
        if not each.of_state and each.operation == operation and fnmatchcase(type_, each.type)
    ]
    if not fitting:
        return None
    name = address()
    for fault in fitting:
        if not fnmatchcase(name, fault.address):
            continue
        with cloud.transaction() as database:
            key = (json.dumps(asdict(fault)), name)
            row = database.execute("SELECT times FROM met WHERE fault = ? AND address = ?", key).fetchone()
            times = row[0] if row else 0
            if times < fault.times:
                database.execute("INSERT OR REPLACE INTO met VALUES (?, ?, ?)", (*key, times + 1))
                return fault
    return None


def meet(cloud: Cloud, fault: Fault) -> None:
    """Counts a fault as met that no provider meets: one of the state."""
    with cloud.transaction() as database:
        database.execute("INSERT OR REPLACE INTO met VALUES (?, ?, 1)", (json.dumps(asdict(fault)), fault.address))


def met(cloud: Cloud) -> list[tuple[Fault, str, int]]:
    """What has been met: the fault, the resource's address, and how many times."""
    with cloud.transaction() as database:
        rows = database.execute("SELECT fault, address, times FROM met ORDER BY rowid").fetchall()
    return [(Fault(**json.loads(fault)), address, times) for fault, address, times in rows]


def running(cloud: Cloud, name: str, pid: int) -> None:
    """Notes the process that `killed=NAME` kills."""
    with cloud.transaction() as database:
        database.execute("INSERT OR REPLACE INTO processes VALUES (?, ?)", (name, pid))


def process(cloud: Cloud, name: str) -> int | None:
    """The process of that name."""
    with cloud.transaction() as database:
        row = database.execute("SELECT pid FROM processes WHERE name = ?", (name,)).fetchone()
    return row and int(row[0])
