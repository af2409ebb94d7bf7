"""What an account may do in Google Cloud: its grants, and what the roles in them permit.

Of Google's own roles, `schemas/google-roles.json` has the permissions that are asked about here. A role that is not
there permits nothing that could be looked up: it is said to be unknown, not to be missing.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from rehearsal.cloud.google.grants import granted_on, kept
from rehearsal.cloud.model import Cloud, Key, Object

_FILE = Path(__file__).parents[2] / "schemas" / "google-roles.json"


def may(cloud: Cloud, account: str, permission: str, on: Key) -> bool:
    """Whether a service account has a permission on an object: by a grant on it, or on its project."""
    return any(
        permission in permitted(cloud, str(each.state["role"])) or role(str(each.state["role"])) is None
        for each in grants(cloud, account)
        if reaches(each, on)
    )


def grants(cloud: Cloud, account: str) -> Iterator[Object]:
    """Those of a service account, wherever."""
    member = kept(f"serviceAccount:{account}")
    for each in cloud.all("google_%_iam_member"):
        if each.state.get("member") == member:
            yield each


def reaches(grant: Object, on: Key) -> bool:
    """Whether a grant is on the object, or on the project that it belongs to."""
    kind = granted_on(grant.key.kind)
    if kind == "google_project":
        return on.scope in ("", grant.state.get("project")) or on.kind == "google_project"
    return kind == on.kind and grant.key.id.startswith(f"{on.id}/")


def permitted(cloud: Cloud, name: str) -> frozenset[str]:
    """The permissions of a role: of a custom one as it says, of Google's as far as they are known here."""
    if name.startswith("roles/"):
        found = role(name)
        return frozenset(found["permissions"]) if found else frozenset()
    for each in cloud.all("google_project_iam_custom_role"):
        if each.key.id == name or each.state.get("name") == name or each.state.get("id") == name:
            return frozenset(each.state.get("permissions") or [])
    return frozenset()


def role(name: str) -> dict[str, Any] | None:
    """What is known of one of Google's own roles."""
    found: dict[str, Any] | None = roles().get(name)
    return found


@cache
def roles() -> dict[str, Any]:
    return dict(json.loads(_FILE.read_text(encoding="utf-8"))["roles"])
