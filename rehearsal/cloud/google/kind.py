"""What Google calls things: the path of an object, and its Terraform id where that differs."""

from __future__ import annotations

import re
from typing import Any

from rehearsal.cloud.model import Key

PATHS = {
    "google_artifact_registry_repository": "projects/{{project}}/locations/{{location}}/repositories/{{repository_id}}",
    "google_bigquery_table": "projects/{{project}}/datasets/{{dataset_id}}/tables/{{table_id}}",
    "google_compute_router_nat": "projects/{{project}}/regions/{{region}}/routers/{{router}}/nats/{{name}}",
    "google_container_cluster": "projects/{{project}}/locations/{{location}}/clusters/{{name}}",
    "google_container_node_pool": "projects/{{project}}/locations/{{location}}/clusters/{{cluster}}/nodePools/{{name}}",
    "google_project": "projects/{{project_id}}",
    "google_project_iam_custom_role": "projects/{{project}}/roles/{{role_id}}",
    "google_project_service": "projects/{{project}}/services/{{service}}",
    "google_secret_manager_secret_version": "projects/{{project}}/secrets/{{secret}}/versions/{{version}}",
    "google_service_account_key": "projects/{{project}}/serviceAccounts/{{service_account_id}}/keys/{{key}}",
    "google_service_networking_connection": "{{network}}:{{service}}",
    "google_sql_database_instance": "projects/{{project}}/instances/{{name}}",
    "google_sql_user": "projects/{{project}}/instances/{{instance}}/users/{{name}}",
    "google_storage_bucket": "{{name}}",
    "google_storage_bucket_object": "{{bucket}}/{{%name}}",
}
"""Where an object lives, for the types whose documentation does not say, or says it wrongly."""

IDS = {
    "google_compute_router_nat": "{{project}}/{{region}}/{{router}}/{{name}}",
    "google_project_service": "{{project}}/{{service}}",
    "google_secret_manager_secret_version": "{{name}}",
    "google_sql_database_instance": "{{name}}",
    "google_sql_user": "{{name}}//{{instance}}",
    "google_storage_bucket_object": "{{bucket}}-{{%name}}",
}
"""The Terraform id, where it is not the path."""

WORLDWIDE = {"google_storage_bucket", "google_storage_bucket_object"}
"""Types whose names are taken for all projects."""

_PLACEHOLDER = re.compile(r"{{(%?)(\w+)}}")
_IAM = re.compile(r"(google_\w+?)_iam_(member|binding|policy|audit_config)$")
_OF_PARENT = {"role", "member", "members", "condition", "etag", "id", "policy_data", "service", "audit_log_config"}
_PLACES = {"project", "region", "zone", "location"}


class Names:
    """Names of the objects of one type."""

    def __init__(self, type_: str, documented: dict[str, str]) -> None:
        self.type = type_
        default = documented.get("id") or documented.get("import") or "projects/{{project}}/" + type_ + "/{{name}}"
        self.path_template = PATHS.get(type_, default)
        self.id_template = IDS.get(type_, self.path_template)

    def path(self, state: dict[str, Any]) -> str:
        return expand(self.path_template, state)

    def parts(self, state: dict[str, Any]) -> list[tuple[str, str]]:
        """The names in the path, each with what it is a name of."""
        named = [name for _, name in _PLACEHOLDER.findall(self.path_template)]
        return [(name, _short(str(state.get(name) or ""))) for name in named]

    def id(self, state: dict[str, Any]) -> str:
        return expand(self.id_template, state)

    def key(self, state: dict[str, Any]) -> Key:
        return Key(self.type, scope(self.type, state), self.path(state))

    def key_of(self, value: str, near: dict[str, Any]) -> Key:
        """The key of the object that a reference means.

        A self link, a path or a short name beside the object that refers to it.
        """
        placeholders = [match[1] for match in _PLACEHOLDER.findall(self.path_template)]
        found = re.search(r"(?:^|/)(projects/.*)$", value)
        if found and self.path_template.startswith("projects/"):
            return Key(self.type, "" if self.type in WORLDWIDE else value_after(found[1], "projects"), found[1])
        own = placeholders[-1]
        state = {**near, own: value}
        place = next((near[name] for name in ("region", "location", "zone") if isinstance(near.get(name), str)), "")
        if "region" in placeholders and place.count("-") == 2:
            place = place.rsplit("-", 1)[0]
        state |= {name: place for name in ("region", "location") if not isinstance(near.get(name), str)}
        return self.key(state)


def expand(template: str, state: dict[str, Any]) -> str:
    """Fills a template; a reference to another object stands for its short name, unless the template says % ."""

    def value(match: re.Match[str]) -> str:
        whole, name = match.groups()
        text = state.get(name)
        text = "" if text is None else str(text)
        return text if whole else _short(text)

    # A template of nothing but a name is that name, slashes and all.
    only = re.fullmatch(r"{{(\w+)}}", template)
    return str(state.get(only[1]) or "") if only else _PLACEHOLDER.sub(value, template)


def _short(text: str) -> str:
    return text.rstrip("/").rsplit("/", 1)[-1]


def scope(type_: str, state: dict[str, Any]) -> str:
    return "" if type_ in WORLDWIDE else str(state.get("project") or "")


def value_after(path: str, collection: str) -> str:
    """`x` in `.../<collection>/x/...`, or an empty string."""
    found = re.search(rf"(?:^|/){collection}/([^/]+)", path)
    return found[1] if found else ""


def iam(type_: str) -> tuple[str, str] | None:
    """Of an IAM type: the type whose objects it grants on, and member, binding, policy or audit_config."""
    found = _IAM.fullmatch(type_)
    return (found[1], found[2]) if found else None


def iam_parent(state: dict[str, Any]) -> str:
    """The name of the object on which an IAM resource grants: what is neither its place nor part of the grant."""
    own = [
        value for name, value in sorted(state.items()) if name not in _OF_PARENT | _PLACES and isinstance(value, str)
    ]
    return own[0] if own else str(state.get("project") or "")
