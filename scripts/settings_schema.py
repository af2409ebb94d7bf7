"""Write the JSON Schema of the settings, for editors: python scripts/settings_schema.py."""

import json
import sys
from pathlib import Path

_PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(_PROJECT))

from stacks.settings import Settings  # noqa: E402 - found by the line above

FILE = _PROJECT / "config" / "settings.schema.json"


def text() -> str:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Settings.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
    print(f"wrote {FILE.relative_to(_PROJECT)}")
