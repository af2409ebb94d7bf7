"""What is shown of a change's values: the resource's name, and the attributes that force a replacement.

A value that Terraform holds for sensitive never leaves here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_UNKNOWN = "known after the deployment"
_SENSITIVE = "(sensitive)"
_BLOCK = "(a block)"


@dataclass(frozen=True, kw_only=True)
class Force:
    """An attribute whose change makes a new resource necessary."""

    attribute: str
    before: str
    """For people to read; never a sensitive value."""
    after: str
    setting: str | None
    """In settings.toml. `None`: it follows from something else, or is not known."""


def of(type_: str, change: Mapping[str, Any]) -> Iterator[Force]:
    """The attributes that `replace_paths` of a change names."""
    for path in change.get("replace_paths") or ():
        yield Force(
            attribute=".".join(str(step) for step in path),
            before=shown(path, change.get("before"), change.get("before_sensitive")),
            after=_UNKNOWN
            if at(path, change.get("after_unknown")) is True
            else shown(path, change.get("after"), change.get("after_sensitive")),
            setting=_setting(type_, path),
        )


def name_of(change: Mapping[str, Any]) -> str:
    """How Google or Kubernetes know the resource; `""` when it has no name of its own."""
    for path in (("metadata", 0, "name"), ("name",), ("repository_id",), ("secret_id",)):
        name = at(path, change.get("before"))
        if isinstance(name, str) and not at(path, change.get("before_sensitive")):
            return name
    return ""


def at(path: Sequence[str | int], value: Any) -> Any:
    """What is at the path; `True` above it holds for all below, as in `before_sensitive`. `None`: nothing."""
    for step in path:
        if value is True:
            return True
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def shown(path: Sequence[str | int], values: Any, sensitive: Any) -> str:
    """What is at the path, for people to read."""
    if at(path, sensitive) is True:
        return _SENSITIVE
    value = at(path, values)
    # A block may hold anything, sensitive values, too.
    return _BLOCK if isinstance(value, dict | list) else json.dumps(value, ensure_ascii=False)


def _setting(type_: str, path: Sequence[str | int]) -> str | None:
    attribute = ".".join(step for step in path if isinstance(step, str))
    return _SETTINGS.get((type_, attribute)) or _SETTINGS.get(("", attribute))


_SETTINGS: Mapping[tuple[str, str], str] = {
    ("", "project"): "project",
    ("", "region"): "region",
    ("", "location"): "region",
    ("", "replication.user_managed.replicas.location"): "region",
    ("google_storage_bucket", "location"): "storage.location (region unless set)",
    ("google_storage_bucket", "name"): "org_prefix, project, environment",
    ("google_artifact_registry_repository", "repository_id"): "org_prefix, project, environment",
    ("google_container_cluster", "name"): "environment",
    ("google_container_cluster", "ip_allocation_policy.cluster_secondary_range_name"): "network",
    ("google_container_cluster", "ip_allocation_policy.services_secondary_range_name"): "network",
    ("google_container_node_pool", "name"): "the pool's name in task_pools or gpu_pools",
    ("google_container_node_pool", "node_config.machine_type"): "machine_type of the pool",
    ("google_container_node_pool", "node_config.disk_type"): "disk_type of the pool",
    ("google_container_node_pool", "node_config.disk_size_gb"): "disk_size_gb of the pool",
    ("google_container_node_pool", "node_config.spot"): "spot of the pool",
    ("google_container_node_pool", "node_config.flex_start"): "flex_start of the pool",
    (
        "google_container_node_pool",
        "node_config.guest_accelerator.gpu_driver_installation_config.gpu_driver_version",
    ): "driver_version of the pool",
    ("google_compute_subnetwork", "ip_cidr_range"): "network.nodes_cidr",
    ("google_compute_subnetwork", "secondary_ip_range.ip_cidr_range"): "network.pods_cidr or network.services_cidr",
    ("google_compute_network", "name"): "environment",
    ("google_sql_database_instance", "name"): "environment",
    ("kubernetes_namespace_v1", "metadata.name"): "jobs.namespace",
}
"""By type and attribute without indexes; `""` stands for every type."""
