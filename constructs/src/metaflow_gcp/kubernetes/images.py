"""Container images by name. Needs no Node.

https://github.com/distribution/reference: `[registry/]path[:tag][@digest]`.
"""

import re

from metaflow_gcp.checks import Checks, is_token

_REFERENCE = re.compile(
    r"(?P<name>(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
    r"(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)

_ALLOWED = "[registry/]name:tag with a tag other than latest, or name@sha256:<64 hexadecimal digits>"


def check_pinned(checks: Checks, where: str, image: str) -> None:
    """An image must name one version: what runs changes when the settings do, not when somebody pushes."""
    if is_token(image):
        return
    match = _REFERENCE.fullmatch(image)
    if match is None:
        checks.add(where, wrong=f"{image!r} is not an image's name", allowed=_ALLOWED, fix=f"correct {where}")
    elif match["digest"] is None and match["tag"] in (None, "latest"):
        what = "has no tag, which means latest" if match["tag"] is None else "is whatever was pushed last"
        checks.add(where, wrong=f"{image!r} {what}", allowed=_ALLOWED, fix=f"add the version's tag to {where}")


def registry_of(image: str) -> str | None:
    """The registry that the image's name holds, `None` when it holds none (Docker's own rule)."""
    first, slash, _ = image.partition("/")
    return first if slash and (first == "localhost" or "." in first or ":" in first) else None
