"""Which attributes of Google's types name other objects, and what that means when those are missing or deleted."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rehearsal.cloud.google.kind import Names, iam, iam_parent
from rehearsal.cloud.model import Cloud, Key, Use
from rehearsal.protocol.errors import Path, Refused
from rehearsal.protocol.walk import strings

PART, USES, NEEDS = "part of", "uses", "needs"
"""Goes with the other object; keeps it from going; must find it there at the creation, and no more."""

_NETWORK, _SUBNETWORK = "google_compute_network", "google_compute_subnetwork"
_ACCOUNT, _INSTANCE = "google_service_account", "google_sql_database_instance"

REFERENCES: dict[str, dict[str, tuple[str, str]]] = {
    "google_compute_subnetwork": {"network": (_NETWORK, USES)},
    "google_compute_router": {"network": (_NETWORK, USES)},
    "google_compute_router_nat": {
        "router": ("google_compute_router", PART),
        "nat_ips": ("google_compute_address", USES),
        "subnetwork.name": (_SUBNETWORK, USES),
    },
    "google_compute_firewall": {"network": (_NETWORK, USES)},
    "google_compute_route": {"network": (_NETWORK, USES)},
    "google_compute_address": {"subnetwork": (_SUBNETWORK, USES), "network": (_NETWORK, USES)},
    "google_compute_global_address": {"network": (_NETWORK, USES)},
    "google_compute_forwarding_rule": {
        "network": (_NETWORK, USES),
        "subnetwork": (_SUBNETWORK, USES),
        "ip_address": ("google_compute_address", USES),
    },
    "google_compute_instance": {
        "network_interface.network": (_NETWORK, USES),
        "network_interface.subnetwork": (_SUBNETWORK, USES),
        "service_account.email": (_ACCOUNT, NEEDS),
    },
    "google_compute_network_peering": {"network": (_NETWORK, PART)},
    "google_service_networking_connection": {
        "network": (_NETWORK, USES),
        "reserved_peering_ranges": ("google_compute_global_address", USES),
    },
    "google_container_cluster": {
        "network": (_NETWORK, USES),
        "subnetwork": (_SUBNETWORK, USES),
        "node_config.service_account": (_ACCOUNT, NEEDS),
        "cluster_autoscaling.auto_provisioning_defaults.service_account": (_ACCOUNT, NEEDS),
    },
    "google_container_node_pool": {
        "cluster": ("google_container_cluster", PART),
        "node_config.service_account": (_ACCOUNT, NEEDS),
    },
    _INSTANCE: {
        "settings.ip_configuration.private_network": (_NETWORK, USES),
        "master_instance_name": (_INSTANCE, USES),
    },
    "google_sql_database": {"instance": (_INSTANCE, PART)},
    "google_sql_user": {"instance": (_INSTANCE, PART)},
    "google_sql_ssl_cert": {"instance": (_INSTANCE, PART)},
    "google_storage_bucket_object": {"bucket": ("google_storage_bucket", PART)},
    "google_storage_managed_folder": {"bucket": ("google_storage_bucket", PART)},
    "google_storage_folder": {"bucket": ("google_storage_bucket", PART)},
    "google_secret_manager_secret_version": {"secret": ("google_secret_manager_secret", PART)},
    "google_service_account_key": {"service_account_id": (_ACCOUNT, PART)},
    "google_project_iam_member": {"role": ("google_project_iam_custom_role", USES)},
    "google_pubsub_subscription": {"topic": ("google_pubsub_topic", NEEDS)},
    "google_dns_record_set": {"managed_zone": ("google_dns_managed_zone", USES)},
    "google_artifact_registry_repository": {
        "virtual_repository_config.upstream_policies.repository": ("google_artifact_registry_repository", USES)
    },
    "google_kms_crypto_key": {"key_ring": ("google_kms_key_ring", USES)},
    "google_cloudfunctions2_function": {"service_config.service_account_email": (_ACCOUNT, NEEDS)},
    "google_cloud_run_v2_service": {"template.service_account": (_ACCOUNT, NEEDS)},
}


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One attribute's reference to one object."""

    path: Path
    target: Key
    how: str


def references(type_: str, state: dict[str, Any], names: Callable[[str], Names]) -> Iterator[Reference]:
    """All that an object refers to."""
    for dotted, (target, how) in REFERENCES.get(type_, {}).items():
        for path, value in strings(state, dotted):
            key = _account(value, state) if target == _ACCOUNT else names(target).key_of(value, state)
            # An address may also be given as digits, a role as one of Google's own.
            if key is None or _is_address(value) or value.startswith(("roles/", "organizations/")):
                continue
            yield Reference(path=path, target=key, how=how)
    granted = iam(type_)
    if granted and granted[0] not in (
        "google_project",
        "google_organization",
        "google_folder",
        "google_billing_account",
    ):
        parent = iam_parent(state)
        yield Reference(path=(), target=names(granted[0]).key_of(parent, state), how=PART)
    if granted:
        for dotted in ("member", "members"):
            for path, member in strings(state, dotted):
                key = (
                    _account(member.removeprefix("serviceAccount:"), state)
                    if member.startswith("serviceAccount:")
                    else None
                )
                if key:
                    yield Reference(path=path, target=key, how=NEEDS)


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return True


def _account(value: str, near: dict[str, Any]) -> Key | None:
    """A service account by its email or its path; None for Google's own accounts and for Workload Identity members."""
    if ".svc.id.goog[" in value:
        return None
    email = value.rsplit("/", 1)[-1]
    found = re.fullmatch(r"[a-z][-a-z0-9]+@([-a-z0-9.:]+)\.iam\.gserviceaccount\.com", email)
    if not found or found[1].startswith("gcp-sa-"):
        if "@" in email or value in ("default", ""):
            return None
        return Key(_ACCOUNT, str(near.get("project")), f"projects/{near.get('project')}/serviceAccounts/{email}")
    return Key(_ACCOUNT, found[1], f"projects/{found[1]}/serviceAccounts/{email}")


def check(cloud: Cloud, found: list[Reference], refuse: Callable[..., Refused]) -> list[Use]:
    """Refuses what refers to nothing; returns what is to be remembered of the references."""
    for reference in found:
        if cloud.get(reference.target) is None:
            kind, _, id_ = reference.target
            if kind == _ACCOUNT:
                raise refuse(
                    f"googleapi: Error 400: Service account {id_.rsplit('/', 1)[-1]} does not exist., badRequest",
                    path=reference.path,
                )
            raise refuse(
                f"googleapi: Error 404: The resource '{id_}' was not found ({kind}), notFound", path=reference.path
            )
    return [Use(target=each.target, part=each.how == PART) for each in found if each.how != NEEDS]
