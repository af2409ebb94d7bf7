"""Writing files so that at any moment, also when the machine stops, there is the old one or the new one, whole.

A change is made from what is read under `lock`, shown, and then applied.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from metaflow_gcp_tools.problems import CommandFailed

PATIENCE_SECONDS = 30.0
"""How long another `metaflow-gcp configure` is waited for."""

PRIVATE = 0o600


@dataclass(frozen=True, kw_only=True)
class Change:
    """A file, before and after."""

    file: Path
    """Where it really lies: symbolic links are followed, not replaced."""
    before: str | None
    """`None`: it is not there yet."""
    after: str
    mode: int
    """What the file's mode shall be."""
    mode_before: int | None
    differences: tuple[str, ...]
    """What a person is shown: what is ours in the file, and nothing else of it."""
    backed_up: bool
    """Whether it may hold what somebody wrote by hand."""

    @classmethod
    def of_ours(cls, file: Path, after: str) -> Self:
        """Of a file that nobody need be shown, or have a backup of."""
        return cls(
            file=file,
            before=read(file),
            after=after,
            mode=PRIVATE,
            mode_before=mode(file),
            differences=(),
            backed_up=False,
        )

    @property
    def needed(self) -> bool:
        return self.before != self.after or self.mode_before != self.mode


def read(file: Path) -> str | None:
    """The text with its line breaks as they are; `None` if there is no such file."""
    try:
        return file.read_bytes().decode()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise CommandFailed.of(
            what=f"{file} is not valid UTF-8", next_step="fix it or move it away, then retry"
        ) from None


def mode(file: Path) -> int | None:
    return file.stat().st_mode & 0o777 if file.exists() else None


def apply(change: Change) -> Path | None:
    """Write the file; gives its backup, if there was something to keep.

    Raises `CommandFailed` when somebody else has changed it since it was read.
    """
    if read(change.file) != change.before:
        raise CommandFailed.of(what=f"{change.file} was just changed by another program", next_step="run this again")
    new = change.file.with_name(f".{change.file.name}.metaflow-gcp")
    backup = None
    if change.backed_up and change.before is not None and change.before != change.after:
        now = datetime.now(UTC)
        backup = change.file.with_name(f"{change.file.name}.bak-{now:%Y%m%dT%H%M%S.%fZ}")
        _write(backup, change.before, PRIVATE, new)
    _write(change.file, change.after, change.mode, new)
    return backup


def _write(file: Path, text: str, mode: int, new: Path) -> None:
    """By `new`, which takes the file's place; the one that a run left that was killed goes."""
    _make_folder(file.parent)
    new.unlink(missing_ok=True)
    opened = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        os.fchmod(opened, mode)  # Whatever the umask is.
        rest = memoryview(text.encode())
        while rest:
            rest = rest[os.write(opened, rest) :]
        os.fsync(opened)
        new.replace(file)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    finally:
        os.close(opened)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def lock(file: Path) -> Iterator[None]:
    """Let no other `metaflow-gcp configure` in meanwhile. The kernel lets go when the process ends, however it ends.

    Raises `CommandFailed` when another one stays for `PATIENCE_SECONDS`.
    """
    _make_folder(file.parent)
    opened = os.open(file, os.O_RDWR | os.O_CREAT, PRIVATE)
    try:
        _wait_for(opened)
        yield
    finally:
        os.close(opened)


def _wait_for(opened: int) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < until:
                time.sleep(0.1)
                continue
            raise CommandFailed.of(
                what="another `metaflow-gcp configure` is still running",
                next_step="answer its question or stop it, then retry",
            ) from None
        return
