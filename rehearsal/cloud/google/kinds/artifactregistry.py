"""Artifact Registry: repositories."""

from rehearsal.cloud.google import naming
from rehearsal.cloud.google.kind import Kind
from rehearsal.cloud.google.references import USES
from rehearsal.cloud.google.request import Request
from rehearsal.protocol.walk import find

REPOSITORY = "google_artifact_registry_repository"


def upstreams_differ(request: Request) -> None:
    """A virtual repository that names one twice misses another."""
    named = [value for _, value in find(request.state, "virtual_repository_config.upstream_policies.repository")]
    if len({str(each) for each in named}) < len(named):
        request.cloud.note(f"{request.key.id} has the same repository behind it twice")


KINDS = [
    Kind(
        type=REPOSITORY,
        references={"virtual_repository_config.upstream_policies.repository": (REPOSITORY, USES)},
        facts=lambda request: {"name": request.get("repository_id")},
        rules=(naming.check, upstreams_differ),
    )
]
