"""Folders of this person's that nobody else may look into, and files in them."""

import os
import stat
import tempfile
from pathlib import Path

from metaflow_gcp_tools.problems import CommandFailed

MODE = 0o700


def put(file: Path, text: str) -> None:
    """Write it for this person alone, all of it or nothing; several may do this at once."""
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=".", delete=False, encoding="utf-8") as written:
        written.write(text)
    Path(written.name).replace(file)


def private(folder: Path) -> None:
    """Make the folder, for nobody else. Raises `CommandFailed` when that is not possible, or it is somebody else's."""
    try:
        folder.mkdir(mode=MODE, parents=True, exist_ok=True)
        found = folder.lstat()
        if found.st_uid == os.getuid() and stat.S_ISDIR(found.st_mode):
            folder.chmod(MODE)
            return
        why = "it belongs to another user"
    except OSError as error:
        why = error.strerror or str(error)
    raise CommandFailed.of(
        what=f"the folder {folder} cannot be used: {why}",
        next_step="make it writable for you, or set XDG_STATE_HOME to a folder of yours",
    )
