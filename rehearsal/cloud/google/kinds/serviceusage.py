"""Service Usage: the APIs of a project."""

from rehearsal.cloud.google import consistency
from rehearsal.cloud.google.kind import Kind
from rehearsal.cloud.google.request import Request


def enable(request: Request) -> None:
    service = str(request.get("service"))
    if service not in request.cloud.enabled(request.project):
        consistency.begin(request.cloud, "api", f"{request.project}/{service}")
    request.cloud.enable(request.project, service)


def disable(request: Request) -> None:
    if request.get("disable_on_destroy", False):
        request.cloud.disable(request.project, str(request.get("service")))


KINDS = [
    Kind(
        type="google_project_service",
        path="projects/{{project}}/services/{{service}}",
        id="{{project}}/{{service}}",
        joins=True,
        after=enable,
        after_deletion=disable,
    )
]
