"""Service Usage: which APIs of a project are enabled."""

from __future__ import annotations

from typing import Any

from rehearsal.cloud.google.request import Request
from rehearsal.cloud.model import Cloud
from rehearsal.protocol.errors import Refused

ALWAYS_ON = {"serviceusage.googleapis.com"}


def check_enabled(cloud: Cloud, project: str, service: str | None, type_: str) -> None:
    """Refuses what needs an API that is not enabled."""
    if service is None or service in ALWAYS_ON or service in cloud.enabled(project):
        return
    console = f"https://console.developers.google.com/apis/api/{service}/overview?project={project}"
    raise Refused(
        f"Error: googleapi: Error 403: {service} has not been used in project {project} before or it is disabled "
        f"({type_} needs it). Enable it by visiting {console} then retry., accessNotConfigured"
    )


def check_project(cloud: Cloud, project: str) -> None:
    if not project:
        raise Refused("project: required field is not set", "Neither the resource nor the provider names a project.")
    if cloud.project_number(project) is None:
        raise Refused(
            f"Error: googleapi: Error 403: Permission denied on resource project {project} (or it may not exist)., "
            "forbidden",
            f"The simulated cloud has no project {project}.",
        )


def enabled(request: Request) -> None:
    request.cloud.enable(request.project, str(request.get("service")))


def disabled(request: Request) -> None:
    if request.get("disable_on_destroy", False):
        request.cloud.disable(request.project, str(request.get("service")))


def project(request: Request) -> dict[str, Any]:
    return {"number": request.cloud.project_number(str(request.get("project_id"))), "name": request.get("project_id")}


AFTER = {"google_project_service": enabled}
AFTER_DELETION = {"google_project_service": disabled}
