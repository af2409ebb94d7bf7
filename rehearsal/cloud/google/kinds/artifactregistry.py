"""Artifact Registry: repositories."""

from rehearsal.cloud.google import naming
from rehearsal.cloud.google.kind import Kind
from rehearsal.cloud.google.references import USES

REPOSITORY = "google_artifact_registry_repository"

KINDS = [
    Kind(
        type=REPOSITORY,
        references={"virtual_repository_config.upstream_policies.repository": (REPOSITORY, USES)},
        facts=lambda request: {"name": request.get("repository_id")},
        rules=(naming.check,),
    )
]
