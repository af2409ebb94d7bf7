"""What `--verbose` tells: each program that is started and each request, on stderr and in a log file.

No secret gets there: of a request it is the method and the address without its query, and no program of ours takes a
secret as an argument.
"""

import logging
import re
import shlex
import sys
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from metaflow_gcp_tools.machine.private_folder import private
from metaflow_gcp_tools.problems import CommandFailed

BYTES = 1024 * 1024
"""Of the log file; one more file of this size holds what came before."""

SPOKEN = ("metaflow_gcp_tools", "urllib3.connectionpool")
"""Loggers that name requests. The Kubernetes client's own would write answers out, Secrets among them."""

_log = logging.getLogger("metaflow_gcp_tools")


def file() -> Path:
    from platformdirs import user_log_path

    return user_log_path("metaflow-gcp") / "metaflow-gcp.log"


def keep_quiet() -> None:
    """Python writes warnings of libraries on stderr otherwise, in their own words and with their own prefixes."""
    logging.getLogger().addHandler(logging.NullHandler())


def tell(wanted: bool) -> bool:
    """Start to tell, once. A log file that cannot be written stops nobody: then only stderr has it."""
    if wanted and not _log.handlers:
        handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
        with suppress(OSError, CommandFailed):
            private(file().parent)
            handlers.append(RotatingFileHandler(file(), maxBytes=BYTES, backupCount=1))
        for each in handlers:
            each.setFormatter(_WithoutQueries("%(asctime)s %(message)s", "%H:%M:%S"))
        for name in SPOKEN:
            logger = logging.getLogger(name)
            logger.setLevel(logging.DEBUG)
            logger.propagate = False
            logger.handlers = handlers
        sys.addaudithook(_heard)
        # Not the commands's arguments: `run` has somebody else's.
        _log.info("metaflow-gcp %s; log file: %s", " ".join(_own_arguments()), file())
    return wanted


def _own_arguments() -> list[str]:
    arguments = sys.argv[1:]
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    """Python's own report of each program that is started, by whatever library."""
    if event == "subprocess.Popen":
        _, command, *_ = arguments
        words = [command] if isinstance(command, (str, bytes, Path)) else command
        _log.info("starts %s", shlex.join(str(word) for word in words))


class _WithoutQueries(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return re.sub(r"\?[^\s\"']*", "", super().format(record))
