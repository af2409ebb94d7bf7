"""What the services know of their types, gathered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rehearsal.cloud.google import services
from rehearsal.cloud.google.kinds import compute, container, iam, sqladmin as sql, storage
from rehearsal.cloud.google.request import Request
from rehearsal.cloud.model import Cloud

FACTS: dict[str, Callable[[Request], dict[str, Any]]] = {
    **compute.FACTS,
    **container.FACTS,
    **sql.FACTS,
    **iam.FACTS,
    **storage.FACTS,
}
"""Computed attributes of a new object."""

PLANNED: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {**iam.PLANNED, **storage.PLANNED}
"""What the provider knows of computed attributes before it asks Google."""

GENERATED: dict[str, Callable[[Cloud, dict[str, Any]], dict[str, Any]]] = {**iam.GENERATED, **storage.GENERATED}
"""Computed attributes that are part of an object's name."""

NUMBERED = {"google_secret_manager_secret_version", "google_service_account_key"}
"""Types whose own name is new each time."""

RULES: dict[str, list[Callable[[Request], None]]] = {**compute.RULES, **container.RULES, **sql.RULES}
"""What may refuse a creation or an update."""

DELETION_RULES: dict[str, list[Callable[[Request], None]]] = {
    **container.DELETION_RULES,
    **sql.DELETION_RULES,
    **storage.DELETION_RULES,
}
"""What may refuse a deletion."""

AFTER: dict[str, Callable[[Request], None]] = {**container.AFTER, **services.AFTER, **storage.AFTER}
"""What else happens when an object has been made or changed."""

AFTER_DELETION: dict[str, Callable[[Request], None]] = {**services.AFTER_DELETION, **storage.AFTER_DELETION}

RESERVED: dict[str, str] = {**sql.RESERVED, **iam.RESERVED}
"""Types whose names stay taken after a deletion, and why."""

UNDELETED = {"google_project_iam_custom_role"}
"""Of those, the types that the provider undeletes when they are created again."""
