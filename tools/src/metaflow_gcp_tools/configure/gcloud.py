"""What gcloud's active configuration says."""

import subprocess
from contextlib import suppress

TIMEOUT_SECONDS = 20.0
"""gcloud is a Python program, and slow to start on a cold machine."""


def project() -> str | None:
    """The project that `gcloud config set project` set; `None` without one, or without gcloud."""
    with suppress(OSError, subprocess.SubprocessError):
        ended = subprocess.run(
            ["gcloud", "config", "get-value", "project"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=True,
        )
        # It says "(unset)" on stderr.
        return ended.stdout.strip() or None
    return None
