"""What a person sees beside the command's own output: what becomes of the forwards."""

import os
import sys
from contextlib import suppress


def news(line: str) -> None:
    # Not by rich, which ends the program when nobody reads stderr any more: the command may still be of use.
    with suppress(OSError):
        os.write(sys.stderr.fileno(), f"metaflow-gcp: {line}\n".encode())
