"""IAM: service accounts, custom roles, who may be granted something."""

from __future__ import annotations

import re
from typing import Any

from rehearsal.cloud import invent
from rehearsal.cloud.google.kind import iam
from rehearsal.cloud.google.kinds.container import workload_identity_pool
from rehearsal.cloud.google.request import Request
from rehearsal.cloud.model import Cloud
from rehearsal.protocol.walk import strings

_MEMBER = re.compile(
    r"allUsers|allAuthenticatedUsers|((user|group|domain|serviceAccount|projectOwner|projectEditor|projectViewer|deleted:\w+):.+)"
    r"|(principal|principalSet)://.+"
)


def service_account(request: Request) -> dict[str, Any]:
    email = account_email(request.state)
    return {
        "email": email,
        "member": f"serviceAccount:{email}",
        "name": f"projects/{request.project}/serviceAccounts/{email}",
        "unique_id": str(invent.number("service account", email, digits=21)),
    }


def account_email(state: dict[str, Any]) -> str:
    return f"{state.get('account_id')}@{state.get('project')}.iam.gserviceaccount.com"


def custom_role(request: Request) -> dict[str, Any]:
    return {"name": request.key.id, "deleted": False}


def kept(member: Any) -> Any:
    """A member as Google keeps it: after its sort in lower case, but for words and principals.

    As the provider's normalizeIamMemberCasing (tpgiamresource/iam.go) expects it.
    """
    exact = ("allUsers", "allAuthenticatedUsers")
    if not isinstance(member, str) or member.startswith("principal") or any(each in member for each in exact):
        return member
    sort, colon, name = member.partition(":")
    return f"{sort}{colon}{name.lower()}"


def members(request: Request) -> None:
    """Members are of a known sort; a Workload Identity member needs the project's pool."""
    if iam(request.type) is None:
        return
    for dotted in ("member", "members"):
        for path, member in strings(request.state, dotted):
            if not _MEMBER.fullmatch(member):
                raise request.refuse(f"googleapi: Error 400: Invalid member {member}., badRequest", path=path)
            found = re.fullmatch(r"serviceAccount:([^\[]+)\.svc\.id\.goog\[([^/\]]+)/([^/\]]+)\]", member)
            if found and request.cloud.reserved(workload_identity_pool(found[1])) is None:
                raise request.refuse(
                    f"googleapi: Error 400: Identity Pool does not exist ({found[1]}.svc.id.goog). Please check "
                    "that you specified a valid "
                    "resource name as returned in the `name` attribute in the configuration API., badRequest",
                    path=path,
                )
    role = request.get("role")
    if isinstance(role, str) and not re.match(r"(roles|projects/[^/]+/roles|organizations/[^/]+/roles)/", role):
        raise request.refuse(
            f"googleapi: Error 400: Role {role} is not supported for this resource., badRequest", path=("role",)
        )


FACTS = {"google_service_account": service_account, "google_project_iam_custom_role": custom_role}
RESERVED = {"google_project_iam_custom_role": "deleted softly: a new role of that id undeletes it, for a week"}


def planned_email(state: dict[str, Any]) -> dict[str, Any]:
    """The provider works the email out for itself."""
    if not isinstance(state["account_id"], str) or not isinstance(state["project"], str):
        return {}
    return {"email": account_email(state), "member": f"serviceAccount:{account_email(state)}"}


def generated_email(cloud: Cloud, state: dict[str, Any]) -> dict[str, Any]:
    return {"email": account_email(state)}


def generated_key(cloud: Cloud, state: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": invent.digest(
            "key", str(state.get("service_account_id")), str(len(cloud.all("google_service_account_key"))), length=40
        )
    }


GENERATED = {"google_service_account": generated_email, "google_service_account_key": generated_key}
PLANNED = {"google_service_account": planned_email}
