"""What can happen to Terraform's state: somebody else holds its lock, or there is no room for it."""

import contextlib
import fcntl
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from rehearsal.run.errors import WrongUse

_ROOM = 8192
"""Bytes: enough for the first resources of a stack."""
_SCRIPT = """
file=$1; room=$2; shift 2
mount -t tmpfs -o size=$(( $(wc -c < "$file") + ROOM )) none "$room" && cp "$file" "$room/state" || exit 99
mount --bind "$room/state" "$file"
"$@"; code=$?
cp "$room/state" "$room.kept"; umount "$file"; mv "$room.kept" "$file"; umount "$room"
exit $code
"""


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Somebody else applies, and holds the state as Terraform does (its statemgr/filesystem_lock_unix.go)."""
    file.parent.mkdir(parents=True, exist_ok=True)
    information = file.with_name(f".{file.name}.lock.info")
    information.write_text(
        json.dumps(
            {
                "ID": "5e0b1d9c-7a56-4a0e-9d0a-3f6f1f0c2b11",
                "Operation": "OperationTypeApply",
                "Info": "",
                "Who": "grace@elsewhere",
                "Version": "1.11.4",
                "Created": "2026-01-31T09:00:00Z",
                "Path": str(file),
            }
        )
    )
    with file.open("a") as state:
        fcntl.lockf(state, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    information.unlink(missing_ok=True)
    if file.stat().st_size == 0:
        file.unlink()


@contextlib.contextmanager
def disk_full(file: Path, wrapper: list[str]) -> Iterator[None]:
    """The disk that the state is on has room for little more; what runs with the wrapper meets it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    room = file.with_name(f"{file.name}.room")
    room.mkdir()
    script = _SCRIPT.replace("ROOM", str(_ROOM))
    wrapper[:] = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", str(file), str(room)]
    try:
        yield
    finally:
        wrapper.clear()
        room.rmdir()


def require_namespaces() -> None:
    """A full disk is a small one, mounted for Terraform alone: Linux lets a user do so in a namespace of their own."""
    found = shutil.which("unshare")
    command = ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    if found is None or subprocess.run(command, capture_output=True, check=False).returncode:
        raise WrongUse("--fail STACK:disk-full needs Linux with user namespaces (`unshare --map-root-user --mount`).")
