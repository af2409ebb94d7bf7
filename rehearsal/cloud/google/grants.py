"""IAM grants: `google_<what>_iam_member` and its like, for every type of thing that can be granted on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rehearsal.cloud.google.kind import Find, Kind, State
from rehearsal.cloud.google.references import NEEDS, PART, Reference
from rehearsal.cloud.google.request import Request
from rehearsal.cloud.google.roles import roles
from rehearsal.cloud.model import Key
from rehearsal.protocol.walk import strings

_GRANT = re.compile(r"(google_\w+?)_iam_(member|binding|policy|audit_config)$")
_MEMBER = re.compile(
    r"allUsers|allAuthenticatedUsers|((user|group|domain|serviceAccount|projectOwner|projectEditor|projectViewer|deleted:\w+):.+)"
    r"|(principal|principalSet)://.+"
)
_NOT_THE_PARENT = {"role", "member", "members", "condition", "etag", "id", "policy_data", "service", "audit_log_config"}
_PLACES = {"project", "region", "zone", "location"}
_CALLED_OTHERWISE = {"google_iap_web_backend_service": "google_compute_backend_service"}
"""What Identity-Aware Proxy guards is no type of its own."""
_ALWAYS_THERE = ("google_project", "google_organization", "google_folder", "google_billing_account")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Grant(Kind):
    """A type that grants: the same grant is the same whoever asks for it."""

    on: Kind
    """What it grants on."""
    joins: bool = True

    def key(self, state: State) -> Key:
        parent = self._parent(state)
        condition = state.get("condition") or []
        title = condition[0].get("title") if condition and isinstance(condition[0], dict) else None
        service = state.get("service") if self.type.endswith("_audit_config") else None
        parts = [parent.id, state.get("role"), kept(state.get("member")), service, title]
        return Key(self.type, parent.scope, "/".join(str(part) for part in parts if part))

    def is_named(self, wanted: str, state: State, defaults: State) -> bool:
        return bool(wanted.replace(" ", "/") == state["id"])

    def terraform_id(self, key: Key, state: State) -> str:
        return f"b/{key.id}" if self.on.type == "google_storage_bucket" else key.id

    def refers(self, state: State, find: Find) -> Iterator[Reference]:
        yield from super().refers(state, find)
        if self.on.type not in _ALWAYS_THERE:
            yield Reference(path=(), target=self._parent(state), how=PART)
        account = find("google_service_account")
        for path, member in _members(state):
            if member.startswith("serviceAccount:"):
                key = account.means(account, member.removeprefix("serviceAccount:"), state)
                if key:
                    yield Reference(path=path, target=key, how=NEEDS)

    def check(self, request: Request) -> None:
        """Members are of a known sort; a Workload Identity member needs the project's pool."""
        for path, member in _members(request.state):
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

        if isinstance(role, str) and role.startswith("roles/") and role not in roles():
            request.cloud.note(f"whether there is a role {role} is not known here")

    def kept(self, state: State) -> State:
        return {**state, "member": kept(state["member"])} if "member" in state else state

    def _parent(self, state: State) -> Key:
        """By its name: what is neither its place nor part of the grant."""
        if self.on.type == "google_project":
            return Key(self.on.type, state["project"], state["project"])
        others = state.keys() - _NOT_THE_PARENT - _PLACES
        own = [state[name] for name in sorted(others) if isinstance(state[name], str)]
        return self.on.key_of(own[0] if own else str(state.get("project") or ""), state)


def granted_on(type_: str) -> str | None:
    """The type whose objects a type grants on."""
    found = _GRANT.fullmatch(type_)
    return found and _CALLED_OTHERWISE.get(found[1], found[1])


def kept(member: Any) -> Any:
    """A member as Google keeps it: after its sort in lower case, but for words and principals.

    As the provider's normalizeIamMemberCasing (tpgiamresource/iam.go) expects it.
    """
    exact = ("allUsers", "allAuthenticatedUsers")
    if not isinstance(member, str) or member.startswith("principal") or any(each in member for each in exact):
        return member
    sort, colon, name = member.partition(":")
    return f"{sort}{colon}{name.lower()}"


def workload_identity_pool(project: str) -> Key:
    """Made with a project's first cluster that has Workload Identity; it stays when the cluster goes."""
    return Key("workload identity pool", project, f"{project}.svc.id.goog")


def _members(state: State) -> Iterator[tuple[Any, str]]:
    for dotted in ("member", "members"):
        yield from strings(state, dotted)
