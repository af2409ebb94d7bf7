"""The project: that it is there, that it pays, what it has turned on, and what the caller may do in it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from metaflow_gcp_tools.checks import Check, State
from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered
from metaflow_gcp_tools.commands.preflight.answers import Google, enable
from metaflow_gcp_tools.commands.preflight.permissions import NETWORK_USER, Needed, Role, role_of

AT_ONCE = 100
"""Permissions in one request: https://cloud.google.com/resource-manager/reference/rest/v3/projects/testIamPermissions"""
FIRST_APIS = ("cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com")
"""Without them Terraform cannot turn on the others: the provider's `google_project_service` calls both."""

NAMES_AT_ONCE = 20
"""https://cloud.google.com/service-usage/docs/reference/rest/v1/services/batchGet"""


def exists(google: Google) -> tuple[Check, Unanswered | None]:
    """Whether it exists, is active and is seen by the caller; and why Google could not be asked."""
    page = "https://console.cloud.google.com/projectcreate"
    try:
        found = google.ask("cloudresourcemanager.projects.get", name=f"projects/{google.project}")
    except Unanswered as error:
        # Google does not tell a stranger's project from none at all.
        if error.cause in (Cause.FORBIDDEN, Cause.NOT_FOUND):
            return Check.failed(
                "project",
                "exists",
                f"the project {google.project} does not exist, or these credentials may not see it",
                f"create it ({page}), fix `project` in the settings, or ask its owner for a role",
            ), None
        return Check.of(error, "project", "exists"), error
    if found.get("state") != "ACTIVE":
        return Check.failed(
            "project",
            "exists",
            f"{google.project} is {found.get('state', 'in no known state')}, not ACTIVE",
            f"run `gcloud projects undelete {google.project}`, or choose another `project` in the settings",
        ), None
    return Check.passed("project", "exists", f"{google.project} is active"), None


def check_billing(google: Google) -> Check:
    """Whether somebody pays for it."""
    page = f"https://console.cloud.google.com/billing/linkedaccount?project={google.project}"
    try:
        found = google.ask("cloudbilling.projects.getBillingInfo", name=f"projects/{google.project}")
    except Unanswered as error:
        return replace(Check.of(error, "project", "billing"), next_step=f"{error.next_step}, or look: {page}")
    if not found.get("billingEnabled"):
        return Check.failed(
            "project",
            "billing",
            "off: paid resources cannot be created, and paid APIs cannot be enabled",
            f"link a billing account: {page}, or "
            f"`gcloud billing projects link {google.project} --billing-account ACCOUNT`",
        )
    return Check.passed("project", "billing", f"on ({found.get('billingAccountName', 'account not shown')})")


def check_rights(google: Google, needed: Needed, email: str | None) -> Iterator[Check]:
    """Each role of the README's list: whether its permissions, or what of them this deployment needs, are there."""
    for project, permissions in needed.permissions.items():
        by_role: dict[Role, set[str]] = {}
        for permission in permissions:
            role = role_of(permission) if project == google.project else NETWORK_USER
            by_role.setdefault(role, set()).add(permission)
        try:
            held = _held(google, project, permissions)
        except Unanswered as error:
            yield Check.of(error, "rights", f"in {project}")
        else:
            for role in sorted(by_role):
                yield _right(project, role, by_role[role] - held, email)
    if needed.unknown_types:
        yield Check(
            topic="rights",
            name="other resources",
            state=State.UNKNOWN,
            says=f"this metaflow-gcp does not know which permissions these need: {', '.join(needed.unknown_types)}",
            next_step="install the metaflow-gcp of the project: `pipx install ./tools` in its folder",
        )


def _held(google: Google, project: str, permissions: Iterable[str]) -> set[str]:
    wanted, held = sorted(permissions), set[str]()
    method = "cloudresourcemanager.projects.testIamPermissions"
    for start in range(0, len(wanted), AT_ONCE):
        body = {"permissions": wanted[start : start + AT_ONCE]}
        answer = google.ask(method, resource=f"projects/{project}", body=body)
        held.update(answer.get("permissions", ()))
    return held


def _right(project: str, role: Role, missing: set[str], email: str | None) -> Check:
    name = role.title if role != NETWORK_USER else f"{role.title} in {project}"
    if not missing:
        return Check.passed("rights", name, "held")
    kind = "serviceAccount" if email and email.endswith(".gserviceaccount.com") else "user"
    return Check.failed(
        "rights",
        name,
        f"missing: {', '.join(sorted(missing))}",
        f"ask an owner of {project} for `gcloud projects add-iam-policy-binding {project} "
        f"--member {kind}:{email or 'YOU'} --role {role.name}`",
    )


def check_apis(google: Google, apis: Iterable[str]) -> Iterator[Check]:
    """One check for those that must be on before, one for those that the deployment turns on itself."""
    try:
        on = _on(google, sorted({*apis, *FIRST_APIS}))
    except Unanswered as error:
        if error.cause is Cause.API_DISABLED:
            yield _first(google, missing=("serviceusage.googleapis.com",))
        yield Check.of(error, "apis", "turned on by the deployment")
        return
    yield _first(google, missing=tuple(api for api in FIRST_APIS if api not in on))
    rest = sorted(set(apis) - set(FIRST_APIS))
    off = [api for api in rest if api not in on]
    yield Check.passed(
        "apis",
        "turned on by the deployment",
        f"all {len(rest)} are enabled"
        if not off
        else f"{len(off)} of {len(rest)} are not enabled yet: {', '.join(off)}",
    )


def _on(google: Google, apis: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(apis), NAMES_AT_ONCE):
        found |= _on_of(google, apis[start : start + NAMES_AT_ONCE])
    return found


def _on_of(google: Google, apis: list[str]) -> set[str]:
    parent = f"projects/{google.project}"
    names = [f"{parent}/services/{api}" for api in apis]
    answer = google.ask("serviceusage.services.batchGet", parent=parent, names=names)
    return {each["name"].rpartition("/")[2] for each in answer.get("services", ()) if each.get("state") == "ENABLED"}


def _first(google: Google, missing: tuple[str, ...]) -> Check:
    name = "on before the deployment"
    if not missing:
        return Check.passed("apis", name, ", ".join(FIRST_APIS))
    return Check.failed(
        "apis",
        name,
        f"not enabled: {', '.join(missing)}; Terraform needs them to enable the others",
        f"run `{enable(google.project, *FIRST_APIS)}`",
    )
