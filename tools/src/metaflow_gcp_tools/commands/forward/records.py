"""Which processes of this person's keep forwards open: each writes a record of itself into a folder of theirs.

A record is replaced as a whole, never half written. It names its process by number and by the time that it started at:
a number that the system has given to another program since is not taken for ours.

The folder is not XDG_RUNTIME_DIR, which goes with the last login: what runs in the background may stay. Machines may
share a home folder, so a record tells its machine, and the others do not clear it away.
"""

import json
import os
import platform
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from metaflow_gcp_tools.commands.forward.status import State, Status
from metaflow_gcp_tools.machine.private_folder import private, put

SAME = 1.0
"""Seconds between two readings of one process' start."""


@dataclass(frozen=True, kw_only=True)
class Record:
    machine: str
    """Its name."""
    pid: int
    started: float
    """Seconds since the epoch."""
    context: str
    """The platform's, in the kubeconfig."""
    command: str
    """`forward`, `run`, or one that opens a forward for a moment: `logs`, `status`."""
    background: bool
    forwards: tuple[Status, ...]

    @classmethod
    def of_this_process(cls, *, context: str, command: str, background: bool) -> Self:
        pid = os.getpid()
        started = _started(pid)
        assert started is not None
        return cls(
            machine=platform.node(),
            pid=pid,
            started=started,
            context=context,
            command=command,
            background=background,
            forwards=(),
        )

    @property
    def lives(self) -> bool:
        started = _started(self.pid)
        return started is not None and abs(started - self.started) < SAME

    def write(self) -> None:
        """Tell the others."""
        put(_folder() / self._name, json.dumps(asdict(self)))

    def remove(self) -> None:
        (_folder() / self._name).unlink(missing_ok=True)

    @property
    def _name(self) -> str:
        return f"{self.machine}-{self.pid}.json"


def living(context: str) -> list[Record]:
    """Of this platform, oldest first. Those of processes that were killed are cleared away."""
    return sorted((each for each in _all() if each.context == context), key=lambda each: each.started)


def carrier(context: str, name: str, port: int | None = None) -> tuple[int, int] | None:
    """Which other process has this forward open, or is about to, and at which port; only at `port` if one is given."""
    found = ((record.pid, each.port) for record, each in _carried(living(context)) if each.name == name)
    return next((each for each in found if port in {None, each[1]}), None)


def holder(port: int) -> Record | None:
    """Which other process of ours, of whatever platform, has something at this port."""
    return next((record for record, each in _carried(_all()) if each.port == port), None)


def _carried(records: Iterable[Record]) -> Iterator[tuple[Record, Status]]:
    """What other processes carry themselves."""
    for record in records:
        for each in record.forwards if record.pid != os.getpid() else ():
            if each.carried_by is None and each.state != State.PORT_BUSY:
                yield record, each


def _all() -> Iterator[Record]:
    for file in _folder().glob("*.json"):
        try:
            found = json.loads(file.read_text("utf-8"))
            forwards = tuple(Status(**{**each, "state": State(each["state"])}) for each in found.pop("forwards"))
            record = Record(**found, forwards=forwards)
        except (OSError, ValueError, TypeError, KeyError):
            # It went away just now, or another version of this program wrote it.
            continue
        if record.lives:
            yield record
        elif record.machine == platform.node():
            file.unlink(missing_ok=True)


def _started(pid: int) -> float | None:
    import psutil

    with suppress(psutil.Error):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            return process.create_time()
    return None


def _folder() -> Path:
    from platformdirs import user_state_path

    folder = user_state_path("metaflow-gcp") / "forwards"
    private(folder)
    return folder
