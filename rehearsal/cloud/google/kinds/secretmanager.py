"""Secret Manager: secrets and their versions."""

from rehearsal.cloud.google import naming
from rehearsal.cloud.google.kind import Kind, State
from rehearsal.cloud.google.references import PART
from rehearsal.cloud.google.request import Request
from rehearsal.cloud.model import Cloud, Key
from rehearsal.protocol.errors import Refused

VERSION = "google_secret_manager_secret_version"


def secret_version(request: Request) -> State:
    path, number = str(request.get("secret", "")), request.get("version")
    project, name = path.split("/")[1] if path.startswith("projects/") else request.project, path.rsplit("/", 1)[-1]
    return {
        "name": f"projects/{request.cloud.project_number(project)}/secrets/{name}/versions/{number}",
        "destroy_time": "",
    }


def next_version(cloud: Cloud, state: State) -> State:
    """Versions of a secret count from 1; the number of a destroyed one is not used again."""
    project, secret = str(state.get("project") or ""), str(state.get("secret")).rsplit("/", 1)[-1]
    number = 1
    while cloud.reserved(Key(VERSION, project, f"projects/{project}/secrets/{secret}/versions/{number}")):
        number += 1
    return {"version": str(number)}


def version_made(request: Request) -> None:
    request.cloud.reserve(request.key, "the number was used")


def secret_deleted(request: Request) -> None:
    """A new secret of the same name counts from 1 again."""
    for key in request.cloud.all_reserved():
        if key.kind == VERSION and key.id.startswith(f"{request.key.id}/"):
            request.cloud.release(key)


def secret_deletion_protection(request: Request) -> None:
    if request.get("deletion_protection", False):
        raise Refused(
            "cannot destroy secret manager secret without setting deletion_protection=false and running "
            "`terraform apply`"
        )


def asked_version(cloud: Cloud, state: State) -> State:
    """The version asked for, or the latest."""
    secret = str(state["secret"]).rsplit("/", 1)[-1]
    path = f"projects/{state['project']}/secrets/{secret}/versions/"
    found = [each.state for each in cloud.all(VERSION, state["project"]) if each.key.id.startswith(path)]
    wanted = state.get("version")
    chosen = [each for each in found if each["version"] == wanted or wanted in (None, "latest")]
    if not chosen:
        raise Refused(
            "Error retrieving available secret manager secret version access: googleapi: Error 404: "
            f"{path}{wanted or 'latest'} not found"
        )
    return max(chosen, key=lambda each: int(each["version"]))


KINDS = [
    Kind(
        type="google_secret_manager_secret",
        facts=lambda request: {"name": f"projects/{request.number}/secrets/{request.get('secret_id')}"},
        rules=(naming.check,),
        deletion_rules=(secret_deletion_protection,),
        after_deletion=secret_deleted,
    ),
    Kind(
        type=VERSION,
        path="projects/{{project}}/secrets/{{secret}}/versions/{{version}}",
        id="{{name}}",
        numbered=True,
        references={"secret": ("google_secret_manager_secret", PART)},
        generated=next_version,
        facts=secret_version,
        after=version_made,
        data=asked_version,
    ),
]
