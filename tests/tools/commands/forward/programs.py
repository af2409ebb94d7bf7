"""`metaflow-gcp` as people start it, in a terminal if need be; and its parts, in this process."""

import asyncio
import os
import pty
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from metaflow_gcp_tools.commands.forward.keeper import Keeper
from metaflow_gcp_tools.commands.forward.status import Status
from metaflow_gcp_tools.commands.forward.tunnel import Pace
from metaflow_gcp_tools.platform.description import Platform
from tests.tools.commands.forward.platforms import PATIENCE, StandIn
from tests.tools.conftest import PROGRAM, Ran

QUICK = Pace(
    probe_every=0.05,
    probe_timeout=0.15,
    start_every=0.02,
    start_within=2.0,
    first_pause=0.01,
    longest_pause=0.1,
    stable_after=0.2,
)
"""The same as ever, in a tenth of the time."""


@dataclass
class Started:
    process: subprocess.Popen[bytes]
    log: Path
    """What it wrote to stdout."""
    errors: Path

    @property
    def said(self) -> str:
        return self.log.read_text()

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def start(arguments: Sequence[str], machine: StandIn, **environment: str) -> Iterator[Started]:
    number = len(list(machine.folder.glob("*.out")))
    log, errors = machine.folder / f"{number}.out", machine.folder / f"{number}.err"
    with log.open("wb") as out, errors.open("wb") as err:
        process = subprocess.Popen(
            [PROGRAM, *arguments],
            cwd=machine.folder,
            env={**machine.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
    with process:
        try:
            yield Started(process, log, errors)
        finally:
            process.kill()
    assert "Traceback" not in errors.read_text()


def to_its_end(arguments: Sequence[str], machine: StandIn, stdin: str = "", **environment: str) -> Ran:
    ended = subprocess.run(
        [PROGRAM, *arguments],
        cwd=machine.folder,
        env={**machine.environment, **environment},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    return Ran(ended.returncode, ended.stdout, ended.stderr)


@dataclass
class Terminal:
    """A program in a terminal of its own."""

    process: subprocess.Popen[bytes]
    keyboard: int
    shown: bytearray = field(default_factory=bytearray)

    def read(self) -> None:
        with suppress(OSError):
            while chunk := os.read(self.keyboard, 65536):
                self.shown += chunk

    def press(self, key: bytes) -> None:
        os.write(self.keyboard, key)

    def __contains__(self, text: str) -> bool:
        return text.encode() in bytes(self.shown)


@contextmanager
def terminal(arguments: Sequence[str], machine: StandIn) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in machine.environment.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        # The shell's job: the terminal belongs to the program from here on.
        ["python", "-c", _IN_FRONT, str(PROGRAM), *arguments],
        cwd=machine.folder,
        env={**environment, "TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    made = Terminal(process, ours)
    reader = threading.Thread(target=made.read)
    reader.start()
    with process:
        try:
            yield made
        finally:
            process.kill()
            process.wait()
            reader.join()
            os.close(ours)


_IN_FRONT = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@dataclass
class Kept:
    """A keeper in a thread of this process."""

    keeper: Keeper
    changes: list[Status]
    failed: list[BaseException]

    def status(self, name: str) -> Status:
        return self.keeper.tunnels[name].status


@contextmanager
def kept(profile: str = "", pace: Pace = QUICK) -> Iterator[Kept]:
    platform = Platform.load(profile)
    changes: list[Status] = []
    keeper = Keeper(
        platform,
        {each.name: each.port for each in platform.forwards},
        command="forward",
        pace=pace,
        changed=changes.append,
    )
    made = Kept(keeper, changes, [])
    loop = asyncio.new_event_loop()
    task = loop.create_task(keeper.keep())

    def run() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        except Exception as error:  # noqa: BLE001 - tests look at it
            made.failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(PATIENCE)
        loop.close()
