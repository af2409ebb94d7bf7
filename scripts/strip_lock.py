"""Remove download addresses from Pipfile.lock.

A lock names packages and hashes; where they come from, the machine's own settings say.
"""

import json
from pathlib import Path

LOCK = Path(__file__).parent.parent / "Pipfile.lock"


def main() -> None:
    lock = json.loads(LOCK.read_text())
    lock["_meta"]["sources"] = []
    for section in lock.keys() - {"_meta"}:
        for package in lock[section].values():
            package.pop("index", None)
    LOCK.write_text(json.dumps(lock, indent=4) + "\n")


if __name__ == "__main__":
    main()
