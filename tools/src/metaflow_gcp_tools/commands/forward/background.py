"""Forwards without a terminal: a process of its own, with a log. It is found again by its record."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from metaflow_gcp_tools.commands.forward import kubectl, ports, records
from metaflow_gcp_tools.commands.forward.endings import until_ended
from metaflow_gcp_tools.commands.forward.keeper import Keeper
from metaflow_gcp_tools.commands.forward.news import News
from metaflow_gcp_tools.commands.forward.records import Record
from metaflow_gcp_tools.commands.forward.status import State, Status
from metaflow_gcp_tools.machine.private_folder import private
from metaflow_gcp_tools.platform.description import Platform
from metaflow_gcp_tools.problems import CommandFailed, last_line

LOG_BYTES = 256 * 1024
"""Of the log; one more file of this size holds what came before."""

OPEN_WITHIN = 20.0
"""Seconds, for all forwards: then the command returns, while the background goes on trying."""

_SETTLED = (State.OPEN, State.PORT_BUSY)
"""Not waited for: a port is free when somebody ends what has it."""

STOPPED_WITHIN = 5.0
"""Seconds, for a process that was told to end."""


def log_file(platform: Platform) -> Path:
    from platformdirs import user_log_path

    return user_log_path("metaflow-gcp") / f"{platform.kube_context}.log"


def started(platform: Platform) -> Record | None:
    """What runs in the background already."""
    return next((each for each in records.living(platform.kube_context) if each.background), None)


def start(platform: Platform, profile: str, moves: Sequence[str]) -> Record:
    """Start it, and wait until all forwards are open, at most `OPEN_WITHIN` seconds.

    Raises `CommandFailed` when it does not come up.
    """
    log = log_file(platform)
    private(log.parent)
    log.touch(mode=0o600)
    with log.open("a") as output:
        process = subprocess.Popen(
            # -P: what lies in the current folder is no part of us.
            [sys.executable, "-P", "-m", __name__, profile, *moves],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + OPEN_WITHIN
    found: Record | None = None
    while time.monotonic() < deadline and process.poll() is None:
        found = next((each for each in records.living(platform.kube_context) if each.pid == process.pid), None)
        if found and found.forwards and all(each.state in _SETTLED for each in found.forwards):
            return found
        time.sleep(0.1)
    if found is None or process.poll() is not None:
        if process.poll() is None:
            process.kill()
        last = last_line(log.read_text("utf-8"))
        raise CommandFailed.of(
            what=f"the background process did not start; its log ends with: {last}", next_step=f"see {log}"
        )
    return found


def stop(record: Record) -> None:
    """End the process. Raises `CommandFailed` if it cannot be done."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + STOPPED_WITHIN
        # Asked before every signal: its number may be another program's by now.
        if record.lives:
            with suppress(ProcessLookupError):
                os.kill(record.pid, number)
        while record.lives and time.monotonic() < deadline:
            time.sleep(0.05)
    if record.lives:
        raise CommandFailed.of(
            what=f"process {record.pid} does not stop", next_step=f"see what it is doing: `ps -fp {record.pid}`"
        )


def _main(profile: str, moves: Sequence[str]) -> int:
    """In the background. What is wrong in its arguments, the foreground has found already."""
    platform = Platform.load(profile)
    handler = RotatingFileHandler(log_file(platform), maxBytes=LOG_BYTES, backupCount=1)
    logging.basicConfig(handlers=[handler], level=logging.INFO, format="%(asctime)s  %(message)s")
    log = logging.getLogger(__name__)

    news = News()

    def changed(status: Status) -> None:
        if line := news.line(status):
            log.info(line)

    async def keep() -> None:
        keeper = Keeper(platform, ports.chosen(platform, moves), command="forward", background=True, changed=changed)
        await until_ended(asyncio.create_task(keeper.keep()))

    try:
        kubectl.require()
        asyncio.run(keep())
    except CommandFailed as error:
        for problem in error.problems:
            log.error("%s: %s", problem.what, problem.next_step)  # noqa: TRY400 - no traceback: it is the world's fault
        return error.exit_code
    log.info("ended")
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1], sys.argv[2:]))
