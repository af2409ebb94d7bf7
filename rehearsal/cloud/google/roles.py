"""Google's own roles, as far as they are known: `schemas/google-roles.json`."""

import json
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parents[2] / "schemas" / "google-roles.json"


@cache
def roles() -> dict[str, Any]:
    """Name -> the permissions of it that are asked about, and where they were read."""
    return dict(json.loads(_FILE.read_text(encoding="utf-8"))["roles"])
