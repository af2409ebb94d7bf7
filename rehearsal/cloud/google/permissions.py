"""What an account may do in Google Cloud: its grants, and what the roles in them permit.

Of Google's own roles, `schemas/google-roles.json` has the permissions that are asked about here. A role that is not
there permits nothing that could be looked up: it is said to be unknown, not to be missing.
"""

from typing import Any

from rehearsal.cloud.google.grants import granted_on, kept
from rehearsal.cloud.google.roles import roles
from rehearsal.cloud.model import Cloud, Key, Object


def may(cloud: Cloud, account: str, permission: str, on: Key) -> bool:
    """Whether a service account has a permission on an object."""
    return has(cloud, f"serviceAccount:{account}", permission, on)


def has(cloud: Cloud, member: str, permission: str, on: Key) -> bool:
    """By a grant on the object, or on its project."""
    return permission in permitted_on(cloud, of_member(cloud, member), on)


class _All(frozenset[str]):
    """What a role permits of which nothing is known."""

    def __contains__(self, item: object) -> bool:
        return True


def permitted_on(cloud: Cloud, granted: list[Object], on: Key) -> frozenset[str]:
    """All that some grants permit on an object."""
    roles_ = [str(each.state["role"]) for each in granted if reaches(each, on)]
    if any(is_unknown(each) for each in roles_):
        return _All()
    return frozenset().union(*(permitted(cloud, each) for each in roles_))


def grants(cloud: Cloud, account: str) -> list[Object]:
    """Those of a service account, wherever."""
    return of_member(cloud, f"serviceAccount:{account}")


def of_member(cloud: Cloud, member: str) -> list[Object]:
    return [each for each in cloud.all("google_%_iam_member") if each.state.get("member") == kept(member)]


def is_unknown(role_: str) -> bool:
    """Whether nothing is known of what a role permits: then it is not said to be too little."""
    return role_.startswith("roles/") and role(role_) is None


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
