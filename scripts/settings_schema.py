"""Write the JSON Schema of the settings, for editors: python scripts/settings_schema.py."""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from scripts import settings_texts
from stacks.settings import Settings
from stacks.settings.loading import keys

FILE = Path(__file__).parents[1] / "config" / "settings.schema.json"


def text() -> str:
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Settings.model_json_schema(),
    }
    for table in keys.tables(Settings):
        properties = (schema if table is Settings else schema["$defs"][table.__name__])["properties"]
        for name, said in settings_texts.of_keys(table).items():
            properties[name]["description"] = said
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
    print(f"wrote {FILE.name}")
