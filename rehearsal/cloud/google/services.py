"""Service Usage: which APIs of a project are enabled."""

from rehearsal.cloud.google.kind import Kind
from rehearsal.cloud.model import Cloud
from rehearsal.protocol.errors import Refused

ALWAYS_ON = {"serviceusage.googleapis.com"}


def check_enabled(cloud: Cloud, project: str, kind: Kind) -> None:
    """Refuses what needs an API that is not enabled."""
    if kind.api is None or kind.api in ALWAYS_ON or kind.api in cloud.enabled(project):
        return
    raise refusal(project, kind)


def refusal(project: str, kind: Kind) -> Refused:
    """What Google says while an API is not enabled, or not yet."""
    console = f"https://console.developers.google.com/apis/api/{kind.api}/overview?project={project}"
    return Refused(
        f"Error: googleapi: Error 403: {kind.api} has not been used in project {project} before or it is disabled "
        f"({kind.type} needs it). Enable it by visiting {console} then retry. If you enabled this API recently, "
        "wait a few minutes for the action to propagate to our systems and retry., accessNotConfigured"
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
