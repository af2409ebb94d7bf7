"""A program on a terminal, and somebody who answers it."""

import os
import pty
import subprocess
from pathlib import Path


def answered(command: list[str], answer: str, *, cwd: Path, env: dict[str, str]) -> tuple[int, str]:
    """Its exit code and all that it said; the answer is there before it asks."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, cwd=cwd, env=env, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, f"{answer}\n".encode())
        said = b""
        try:
            while piece := os.read(ours, 4096):
                said += piece
        except OSError:
            pass  # Linux says so that the other side is closed.
    os.close(ours)
    return process.returncode, said.decode()
