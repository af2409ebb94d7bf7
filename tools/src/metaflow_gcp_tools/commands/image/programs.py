"""docker and gcloud, started with their output shown as it comes, and what they say when they fail made clear."""

import os
import re
import shlex
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from metaflow_gcp_tools.machine.gcloud_components import LOG_IN
from metaflow_gcp_tools.problems import CommandFailed, interruptible

QUICK_SECONDS = 60.0
"""For what only asks or writes a name."""

LAST_LINES = 5
"""Of a program's output that are repeated in an error."""

INSTALL = {
    "docker": "install Docker, https://docs.docker.com/engine/install, or build without it: `image build --cloud`",
    "gcloud": "install the gcloud CLI, https://cloud.google.com/sdk/docs/install",
}

CAUSES = (
    (
        r"no space left on device",
        "the disk is full",
        "free up space where Docker keeps its images (see `docker system df`) and retry, or build with --cloud",
    ),
    (
        r"cannot connect to the docker daemon|error during connect|is the docker daemon running",
        "Docker is not running",
        "start Docker and retry, or build without it: `image build --cloud`",
    ),
    (
        r"you do not currently have an active account|gcloud auth login|reauthentication|invalid_grant",
        "gcloud is not logged in",
        LOG_IN,
    ),
    (
        r"toomanyrequests|pull rate limit",
        "Docker Hub limits pulls without an account",
        "wait a few hours, run `docker login`, or pull the base image through the platform's registry: docs/images.md",
    ),
    (
        r"unauthorized|unauthenticated|denied|permission|forbidden",
        "access was refused",
        "ask an administrator for access: [access] users in the settings; for --cloud the roles in docs/images.md",
    ),
    (
        r"name unknown|repository .* not found",
        "the registry has no such repository",
        "run `metaflow-gcp configure` again: the platform may have changed",
    ),
    (
        r"i/o timeout|tls handshake|connection re(set|fused)|no such host|temporary failure|eof$",
        "the network failed",
        "retry; layers that are already pushed are skipped",
    ),
)
"""Patterns in what programs say, what they mean, and the way on; the first that fits."""


@dataclass(frozen=True, kw_only=True)
class Programs:
    """How programs are started."""

    dry_run: bool
    """Show what would be run, and run nothing."""
    show: Callable[[str], None]
    """Gets each command, and each line of its output."""
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def run(
        self,
        *command: str,
        timeout: float,
        doing: str,
        environment: Mapping[str, str] | None = None,
        secret_input: str | None = None,
    ) -> None:
        """Run it to its end, or show it (`dry_run`).

        Raises `CommandFailed`, with the cause where its words tell it, when it fails or takes longer than `timeout`
        seconds. What is fed to it is never shown.
        """
        self.show(f"$ {shlex.join(command)}")
        if self.dry_run:
            return
        with interruptible(doing, left="retry; finished steps are skipped"):
            ended, last = self._run(command, {**self.environment, **(environment or {})}, timeout, secret_input)
        if ended is None:
            raise CommandFailed.of(
                what=f"{doing}: not finished after {timeout:.0f} s", next_step="retry, or see what it waits for"
            )
        if ended != 0:
            raise _failed(doing, command, ended, last)

    def answer(self, *command: str, doing: str) -> str:
        """What it prints on stdout; it is asked, not shown. Raises `CommandFailed`."""
        ended = self._capture(command, doing)
        if ended.returncode != 0:
            raise _failed(doing, command, ended.returncode, ended.stderr.splitlines())
        return ended.stdout.strip()

    def knows(self, *command: str, doing: str, unknown: str) -> bool:
        """Whether what a program is asked for is there: when it fails, it must say `unknown`."""
        ended = self._capture(command, doing)
        if ended.returncode == 0:
            return True
        if unknown in ended.stderr.lower():
            return False
        raise _failed(doing, command, ended.returncode, ended.stderr.splitlines())

    def _capture(self, command: Sequence[str], doing: str) -> subprocess.CompletedProcess[str]:
        require(command[0])
        try:
            return subprocess.run(
                command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=QUICK_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CommandFailed.of(
                what=f"{doing}: no response from {command[0]} within {QUICK_SECONDS:.0f} s",
                next_step=f"see whether `{command[0]} info` responds, then retry",
            ) from None

    def _run(
        self, command: Sequence[str], environment: Mapping[str, str], timeout: float, secret_input: str | None
    ) -> tuple[int | None, list[str]]:
        """Exit code, `None` when it had to be ended; and the last lines of what it said."""
        require(command[0])
        last: deque[str] = deque(maxlen=LAST_LINES)
        with subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL if secret_input is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            late = threading.Event()

            def end() -> None:
                late.set()
                process.kill()

            watch = threading.Timer(timeout, end)
            watch.start()
            try:
                if secret_input is not None:
                    _feed(process, secret_input)
                for line in process.stdout or ():
                    last.append(line.rstrip())
                    self.show(line.rstrip())
                process.wait()
            except BaseException:
                process.terminate()
                raise
            finally:
                watch.cancel()
        return (None if late.is_set() else process.returncode), list(last)


def _feed(process: subprocess.Popen[str], text: str) -> None:
    try:
        process.stdin.write(text)  # type: ignore[union-attr]
        process.stdin.close()  # type: ignore[union-attr]
    except BrokenPipeError:
        pass  # It has ended, and says why.


def require(program: str) -> None:
    """Raise `CommandFailed` when it is not installed."""
    if shutil.which(program) is None:
        raise CommandFailed.of(what=f"{program} is not on the PATH", next_step=INSTALL[program])


def _failed(doing: str, command: Sequence[str], code: int, last: Sequence[str]) -> CommandFailed:
    said = " / ".join(line.strip() for line in last if line.strip()) or "nothing"
    for pattern, cause, next_step in CAUSES:
        if re.search(pattern, said, re.IGNORECASE):
            return CommandFailed.of(what=f"{doing}: {cause}. {command[0]}: {said}", next_step=next_step)
    return CommandFailed.of(
        what=f"{doing}: {command[0]} exited with code {code}: {said}",
        next_step="fix it and retry; finished steps are skipped",
    )
