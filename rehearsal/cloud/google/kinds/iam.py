"""IAM: service accounts and custom roles. What grants something stands in grants.py."""

import re
from collections.abc import Iterator

from rehearsal.cloud import invent
from rehearsal.cloud.google import consistency, data
from rehearsal.cloud.google.kind import Kind, State
from rehearsal.cloud.google.references import PART
from rehearsal.cloud.google.request import Request
from rehearsal.cloud.model import Cloud, Key
from rehearsal.protocol.errors import Problem


def account_id(config: State) -> Iterator[Problem]:
    name = config.get("account_id")
    if isinstance(name, str) and not 6 <= len(name) <= 30:
        yield Problem(summary=f'"account_id" ("{name}") must be 6 to 30 characters long', path=("account_id",))


def email(state: State) -> str:
    return f"{state.get('account_id')}@{state.get('project')}.iam.gserviceaccount.com"


def planned_email(state: State) -> State:
    """The provider works the email out for itself."""
    if not isinstance(state["account_id"], str) or not isinstance(state["project"], str):
        return {}
    return {"email": email(state), "member": f"serviceAccount:{email(state)}"}


def service_account(request: Request) -> State:
    return {
        **planned_email(request.state),
        "unique_id": str(invent.number("service account", email(request.state), digits=21)),
    }


def account_meant(kind: Kind, value: str, near: State) -> Key | None:
    """By its email or its path; None for Google's own accounts and for Workload Identity members."""
    if ".svc.id.goog[" in value:
        return None
    address = value.rsplit("/", 1)[-1]
    found = re.fullmatch(r"[a-z][-a-z0-9]+@([-a-z0-9.:]+)\.iam\.gserviceaccount\.com", address)
    if found and not found[1].startswith("gcp-sa-"):
        project = found[1]
    elif "@" in address or value in ("default", ""):
        return None
    else:
        project = str(near.get("project"))
    return Key(kind.type, project, f"projects/{project}/serviceAccounts/{address}")


def account_named(cloud: Cloud, state: State) -> State:
    """A data source knows an account by its email and its path, too."""
    name = str(state["account_id"]).split("@")[0].rsplit("/", 1)[-1]
    return data.find(cloud, "google_service_account", {"account_id": name, "project": state["project"]})


def new_key(cloud: Cloud, state: State) -> State:
    count = len(cloud.all("google_service_account_key"))
    return {"key": invent.digest("key", str(state.get("service_account_id")), str(count), length=40)}


def role_meant(kind: Kind, value: str, near: State) -> Key | None:
    """One of Google's own is there."""
    return None if value.startswith(("roles/", "organizations/")) else kind.key_of(value, near)


KINDS = [
    Kind(
        type="google_service_account",
        validate=account_id,
        planned=planned_email,
        generated=lambda cloud, state: {"email": email(state)},
        facts=service_account,
        after=lambda request: consistency.begin(request.cloud, "account", email(request.state)),
        means=account_meant,
        data=account_named,
    ),
    Kind(
        type="google_service_account_key",
        path="projects/{{project}}/serviceAccounts/{{service_account_id}}/keys/{{key}}",
        numbered=True,
        references={"service_account_id": ("google_service_account", PART)},
        generated=new_key,
    ),
    Kind(
        type="google_project_iam_custom_role",
        path="projects/{{project}}/roles/{{role_id}}",
        reserved="deleted softly: a new role of that id undeletes it, for a week",
        undeleted=True,
        means=role_meant,
    ),
]
