"""Terraform for the CDKTF CLI: ends a second later than Terraform when that failed.

The CLI reads through a pseudo-terminal and stops reading when the process ends. Of a failure with much output before it
that loses the last lines, which are those that say why. `.venv/bin/cdktf` names this in TERRAFORM_BINARY_NAME.
"""

import signal
import subprocess
import sys
import time


def main() -> int:
    process = subprocess.Popen(["terraform", *sys.argv[1:]])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Terraform stops in an orderly way: it decides when this ends.
        signal.signal(number, lambda received, _: process.send_signal(received))
    code = process.wait()
    if code:
        time.sleep(1)
    return code


if __name__ == "__main__":
    sys.exit(main())
