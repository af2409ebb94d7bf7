"""Terraform for the CDKTF CLI: ends a second later than Terraform when that failed, and says what to do then.

The CLI reads through a pseudo-terminal and stops reading when the process ends. Of a failure with much output before it
that loses the last lines, which are those that say why. `.venv/bin/cdktf` names this in TERRAFORM_BINARY_NAME.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

HINT = (
    "Run the same command again: it goes on from here. If the same error returns, "
    'see "A deployment that failed half-way" in docs/operations.md.'
)
_PROJECT = Path(__file__).parents[1]


def main() -> int:
    process = subprocess.Popen(["terraform", *sys.argv[1:]])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Terraform stops in an orderly way: it decides when this ends.
        signal.signal(number, lambda received, _: process.send_signal(received))
    code = process.wait()
    if code:
        if sys.argv[1:2] in (["apply"], ["destroy"]):
            sys.stdout.write(f"\n{HINT} Its commands are for the folder {os.path.relpath(Path.cwd(), _PROJECT)}.\n")
            sys.stdout.flush()
        time.sleep(1)
    return code


if __name__ == "__main__":
    sys.exit(main())
