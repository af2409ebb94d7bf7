"""Becomes the program that it is given, and ends it when whoever started it is gone, even by SIGKILL.

A process of ours that is killed can end nothing any more, and macOS has no `PR_SET_PDEATHSIG`. So a watcher stays in
the program's process group: it reads standard input, a pipe whose other end is with the process that started it. The
end of that pipe is the end of that process, and then of the whole group.

As long as the watcher lives the group's number is not given to anybody else: to kill the group is safe even after the
program has ended. Run as a file, without site-packages, so that it starts in a few milliseconds.
"""

import os
import signal
import sys


def _watch() -> None:
    for ours in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(ours, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    # Whoever reads what the program says must see its end when the program ends.
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGKILL)


def _main(program: list[str]) -> None:
    if os.fork() == 0:
        _watch()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.execvp(program[0], program)  # noqa: S606 - no shell, on purpose


if __name__ == "__main__":
    _main(sys.argv[1:])
