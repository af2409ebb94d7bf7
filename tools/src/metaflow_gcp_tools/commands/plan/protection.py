"""Protection of data that a change weakens, though it destroys nothing yet: backups, versions, deletion protection."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from metaflow_gcp_tools.commands.plan import values


@dataclass(frozen=True, kw_only=True)
class Weakened:
    address: str
    """Terraform's."""
    name: str
    """Google's; `""` when there is none."""
    what: str
    """What is weaker afterwards."""
    before: str
    after: str
    setting: str | None
    """In settings.toml."""


class _Rule(NamedTuple):
    type: str
    path: tuple[str | int, ...]
    """As Terraform's plan has it: a block is a list."""
    is_weaker: Callable[[Any, Any], bool]
    what: str
    setting: str


def _off(before: Any, after: Any) -> bool:
    return bool(before) and not after


def _on(before: Any, after: Any) -> bool:
    return bool(after) and not before


def _fewer(before: Any, after: Any) -> bool:
    return int(after or 0) < int(before or 0)


def _no_longer(value: str) -> Callable[[Any, Any], bool]:
    return lambda before, after: before == value and after != value


_DATABASE, _BUCKET = "google_sql_database_instance", "google_storage_bucket"
_BACKUP = ("settings", 0, "backup_configuration", 0)
_RULES = (
    _Rule(_DATABASE, (*_BACKUP, "enabled"), _off, "no backups are made any more", "database.backups_retained"),
    _Rule(
        _DATABASE,
        (*_BACKUP, "backup_retention_settings", 0, "retained_backups"),
        _fewer,
        "fewer backups are kept, and the oldest are deleted",
        "database.backups_retained",
    ),
    _Rule(
        _DATABASE,
        (*_BACKUP, "point_in_time_recovery_enabled"),
        _off,
        "the database can no longer be set back to a moment, only to a backup",
        "database.point_in_time_recovery_days",
    ),
    _Rule(
        _DATABASE,
        (*_BACKUP, "transaction_log_retention_days"),
        _fewer,
        "the database can be set back by fewer days",
        "database.point_in_time_recovery_days",
    ),
    *(
        _Rule(type_, path, _off, "nothing refuses to destroy it any more", "deletion_protection")
        for type_, path in (
            (_DATABASE, ("deletion_protection",)),
            (_DATABASE, ("settings", 0, "deletion_protection_enabled")),
            ("google_container_cluster", ("deletion_protection",)),
        )
    ),
    _Rule(_BUCKET, ("force_destroy",), _on, "it can be destroyed with all that is in it", "deletion_protection"),
    _Rule(
        _BUCKET,
        ("versioning", 0, "enabled"),
        _off,
        "what is written over or deleted has no older version any more",
        "storage.versioning",
    ),
    _Rule(
        _BUCKET,
        ("soft_delete_policy", 0, "retention_duration_seconds"),
        _fewer,
        "deleted objects can be restored for a shorter time",
        "storage.soft_delete_days",
    ),
    _Rule(
        "google_sql_database",
        ("deletion_policy",),
        _no_longer("ABANDON"),
        "it is dropped, with all recorded runs, when Terraform destroys it",
        "",
    ),
    _Rule(_BUCKET, ("public_access_prevention",), _no_longer("enforced"), "objects in it may be made public", ""),
    _Rule(_DATABASE, ("settings", 0, "ip_configuration", 0, "ipv4_enabled"), _on, "it gets a public address", ""),
    _Rule(
        _DATABASE,
        ("settings", 0, "ip_configuration", 0, "ssl_mode"),
        lambda before, after: before == "ENCRYPTED_ONLY" and after in (None, "", "ALLOW_UNENCRYPTED_AND_ENCRYPTED"),
        "connections to it need no encryption any more",
        "",
    ),
)

GUARD = "terraform_data"
"""The stacks' own guard (stacks/base.py): what it prevents is that anything at all is destroyed."""


def weakened(resources: Sequence[Mapping[str, Any]]) -> Iterator[Weakened]:
    """Of a plan's `resource_changes`."""
    for resource in resources:
        if resource.get("mode") != "managed":
            continue
        change = resource["change"]
        if resource["type"] == GUARD and change["actions"] == ["delete"]:
            yield Weakened(
                address=resource["address"],
                name="",
                what="`make destroy` is no longer refused",
                before="true",
                after="false",
                setting="deletion_protection",
            )
        elif "create" in change["actions"] or "update" in change["actions"]:
            yield from _of(resource, change)


def _of(resource: Mapping[str, Any], change: Mapping[str, Any]) -> Iterator[Weakened]:
    for rule in _RULES:
        if rule.type != resource["type"] or not change.get("before"):
            continue
        before, after = (values.at(rule.path, change.get(each)) for each in ("before", "after"))
        if values.at(rule.path, change.get("after_unknown")) is True or not rule.is_weaker(before, after):
            continue
        yield Weakened(
            address=resource["address"],
            name=values.name_of(change),
            what=rule.what,
            before=values.shown(rule.path, change.get("before"), change.get("before_sensitive")),
            after=values.shown(rule.path, change.get("after"), change.get("after_sensitive")),
            setting=rule.setting or None,
        )
