"""Artifact Registry: repositories."""

from __future__ import annotations

from typing import Any

from rehearsal.cloud.google.kind import Kind
from rehearsal.cloud.google.references import USES
from rehearsal.cloud.google.request import Request

REPOSITORY = "google_artifact_registry_repository"


def repository(request: Request) -> dict[str, Any]:
    location, name = request.get("location"), request.get("repository_id")
    kind = str(request.get("format", "docker")).lower()
    return {
        "name": name,
        "registry_uri": f"{location}-{kind}.pkg.dev/{request.project}/{name}",
        "mode": "STANDARD_REPOSITORY",
        "location": location,
    }


KINDS = [
    Kind(
        type=REPOSITORY,
        references={"virtual_repository_config.upstream_policies.repository": (REPOSITORY, USES)},
        facts=repository,
    )
]
