"""What gcloud's active configuration says: `gcloud topic configurations` tells its files and variables.

Read, rather than asked for: gcloud takes a second to start, and writes into its folder whatever it is asked.
"""

import configparser
import os
from contextlib import suppress
from pathlib import Path


def project() -> str | None:
    """The project that `gcloud config set project` set; `None` without one, or without gcloud."""
    if named := os.environ.get("CLOUDSDK_CORE_PROJECT"):
        return named
    folder = Path(os.environ.get("CLOUDSDK_CONFIG") or "~/.config/gcloud").expanduser()
    with suppress(OSError, UnicodeDecodeError, configparser.Error):
        name = os.environ.get("CLOUDSDK_ACTIVE_CONFIG_NAME") or (folder / "active_config").read_text("utf-8").strip()
        configuration = configparser.ConfigParser(interpolation=None)
        configuration.read_string((folder / f"configurations/config_{name}").read_text("utf-8"))
        return configuration.get("core", "project", fallback=None)
    return None
