"""What lives elsewhere and must exist there: images, charts, API names and so on, each with where it was read.

`externals.json` is the only place that names them, and a test looks for others. `make verify-externals` asks the
registries themselves, and keeps the images' digests. Needs no Node.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("externals.json")


@cache
def document() -> dict[str, Any]:
    """The file as it is."""
    found: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return found


def name(key: str) -> str:
    """An image's full name: `docker.io/library/nats:2.10.10`."""
    return str(document()["images"][key]["name"])


def image(key: str) -> str:
    """What to pull: the full name, with the digest as soon as that is known."""
    return pinned(name(key))


def tag(key: str) -> str:
    """What stands after the colon in an image's name."""
    return name(key).rpartition(":")[2]


def short(full_name: str) -> str:
    """A name as people write it: Docker Hub's without the registry, and its own images without `library/`."""
    return full_name.removeprefix("docker.io/").removeprefix("library/")


def pinned(image_name: str) -> str:
    """The name with its digest if it is one of ours, in full or in short, and its digest is known; else as it is."""
    for found in document()["images"].values():
        if found["digest"] and image_name in (found["name"], short(found["name"])):
            return f"{image_name}@{found['digest']}"
    return image_name
