"""What the API server writes into an object where nobody wrote anything.

From the defaulting functions of Kubernetes 1.34, pkg/apis/{core,apps,networking,rbac,storage}/v1/defaults.go, for the
kinds that our stacks have, in the words of Terraform's provider (its `flatten*` functions, which read the object back).
What the provider neither fills in by itself nor takes from the server is a difference in every later plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rehearsal.cloud.kubernetes.quantities import canonical
from rehearsal.protocol.values import UNKNOWN, Value

Table = dict[str, Any]
"""Attribute -> its default, or what works it out from the block that it stands in; block -> its table."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A block that the API server makes where it is missing, if that block's neighbours ask for it."""

    table: Table
    when: Callable[[dict[str, Value]], bool] = lambda near: True


def _unless_positive(name: str, default: int) -> Callable[[dict[str, Value]], Value]:
    """A number that may not be 0: the server takes that for "not given"."""
    return lambda near: near.get(name) or default if near.get(name) is not UNKNOWN else default


def _pull_policy(container: dict[str, Value]) -> Value:
    """Unless it is said: always, where the image has no tag or the tag `latest`."""
    if not _unset(container.get("image_pull_policy")):
        return None
    name = str(container.get("image") or "").rsplit("/", 1)[-1]
    tag = name.partition("@")[0].partition(":")[2] or ("" if "@" in name else "latest")
    return "Always" if tag == "latest" else "IfNotPresent"


def _limit(item: dict[str, Value]) -> Value:
    """The default limit is the maximum where it is not given, resource by resource."""
    if item.get("type") != "Container":
        return None
    return {**_map(item.get("max")), **_map(item.get("default"))} or None


def _request(item: dict[str, Value]) -> Value:
    """The default request is the default limit, else the minimum, where it is not given, resource by resource."""
    if item.get("type") != "Container":
        return None
    return {**_map(item.get("min")), **_map(_limit(item)), **_map(item.get("default_request"))} or None


def _policy_types(policy: dict[str, Value]) -> Value:
    if not _unset(policy.get("policy_types")):
        return None
    return ["Ingress", "Egress"] if policy.get("egress") else ["Ingress"]


def _group(subject: dict[str, Value]) -> Value:
    named = subject.get("kind") in ("User", "Group")
    return "rbac.authorization.k8s.io" if named and _unset(subject.get("api_group")) else None


def _target_port(port: dict[str, Value]) -> Value:
    return str(port["port"]) if _unset(port.get("target_port")) or port["target_port"] == "0" else None


_HTTP = {"path": "/", "scheme": "HTTP"}
_HANDLER = {"http_get": _HTTP}
_PROBE = {
    "timeout_seconds": _unless_positive("timeout_seconds", 1),
    "period_seconds": _unless_positive("period_seconds", 10),
    "success_threshold": _unless_positive("success_threshold", 1),
    "failure_threshold": _unless_positive("failure_threshold", 3),
    "http_get": _HTTP,
}
_FIELD = {"field_ref": {"api_version": "v1"}}
_CONTAINER = {
    "image_pull_policy": _pull_policy,
    "termination_message_path": "/dev/termination-log",
    "termination_message_policy": "File",
    "port": {"protocol": "TCP"},
    "env": {"value_from": _FIELD},
    "lifecycle": {"post_start": _HANDLER, "pre_stop": _HANDLER},
    "liveness_probe": _PROBE,
    "readiness_probe": _PROBE,
    "startup_probe": _PROBE,
}
_FILES = {"items": _FIELD}
POD: Table = {
    "dns_policy": "ClusterFirst",
    "restart_policy": "Always",
    "termination_grace_period_seconds": 30,
    "scheduler_name": "default-scheduler",
    "container": _CONTAINER,
    "init_container": _CONTAINER,
    "volume": {
        "secret": {"default_mode": "0644"},
        "config_map": {"default_mode": "0644"},
        "downward_api": {"default_mode": "0644", **_FILES},
        "projected": {
            "default_mode": "0644",
            "sources": {"service_account_token": {"expiration_seconds": 3600}, "downward_api": _FILES},
        },
    },
}
_BINDING = {"role_ref": {"api_group": "rbac.authorization.k8s.io"}, "subject": {"api_group": _group}}

TABLES: dict[str, Table] = {
    "kubernetes_cluster_role_binding": _BINDING,
    "kubernetes_config_map": {},
    "kubernetes_deployment": {
        "spec": {
            "replicas": "1",
            "revision_history_limit": 10,
            "progress_deadline_seconds": 600,
            "strategy": Made(
                table={
                    "type": "RollingUpdate",
                    "rolling_update": Made(
                        table={"max_unavailable": "25%", "max_surge": "25%"},
                        when=lambda strategy: strategy.get("type") in (None, UNKNOWN, "RollingUpdate"),
                    ),
                }
            ),
            "template": {"spec": POD},
        }
    },
    "kubernetes_limit_range": {"spec": {"limit": {"default": _limit, "default_request": _request}}},
    "kubernetes_namespace": {},
    "kubernetes_network_policy": {
        "spec": {
            "policy_types": _policy_types,
            "ingress": {"ports": {"protocol": "TCP"}},
            "egress": {"ports": {"protocol": "TCP"}},
        }
    },
    "kubernetes_pod_disruption_budget": {},
    "kubernetes_resource_quota": {},
    "kubernetes_role": {},
    "kubernetes_role_binding": _BINDING,
    "kubernetes_secret": {"type": "Opaque"},
    "kubernetes_service": {
        "spec": {
            "type": "ClusterIP",
            "session_affinity": "None",
            "internal_traffic_policy": "Cluster",
            "port": {"protocol": "TCP", "target_port": _target_port},
        }
    },
    "kubernetes_service_account": {},
    "kubernetes_storage_class": {"reclaim_policy": "Delete", "volume_binding_mode": "Immediate"},
}
"""An empty table: of that kind the server fills in nothing that the provider reads back.

(A namespace gets the label `kubernetes.io/metadata.name`; the provider leaves labels of kubernetes.io out of the state
unless they are configured: structures.go, removeInternalKeys.)
"""

QUANTITIES = {
    "kubernetes_deployment": {"limits", "requests", "size_limit", "divisor"},
    "kubernetes_limit_range": {"default", "default_request", "max", "min", "max_limit_request_ratio"},
    "kubernetes_resource_quota": {"hard"},
}
"""Where a kind has amounts: the server gives them back in their canonical form."""


def defaults(kind: str, state: dict[str, Value]) -> dict[str, Value]:
    """What the server adds to an object: a nested dict in the state's own shape."""
    return _defaults(TABLES.get(kind, {}), state)


def stored(kind: str, state: dict[str, Value], added: dict[str, Value]) -> dict[str, Value]:
    """The object as the server keeps it, once its defaults are added, and gives it back."""
    whole: dict[str, Value] = merged(state, added)
    names = QUANTITIES.get(kind)
    return _canonical(whole, names) if names else whole


def _defaults(table: Table, near: dict[str, Value]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, default in table.items():
        if isinstance(default, Made | dict):
            blocks = near.get(name)
            made = isinstance(default, Made) and default.when(near)
            if blocks is UNKNOWN or not blocks:
                blocks = [{}] if made else []
            inside = default.table if isinstance(default, Made) else default
            found[name] = [_defaults(inside, each) if isinstance(each, dict) else {} for each in blocks]
        elif callable(default):
            value = default(near)
            if value is not None:
                found[name] = value
        elif _unset(near.get(name)):
            found[name] = default
    return found


def merged(state: Value, added: Value) -> Value:
    """A state with what is added to it, in the same shape."""
    if isinstance(state, dict) and isinstance(added, dict):
        return {**state, **{name: merged(state.get(name), value) for name, value in added.items()}}
    if isinstance(state, list) and isinstance(added, list) and all(isinstance(each, dict) for each in added):
        return [merged(each, more) for each, more in zip(state, added, strict=True)]
    return added


def _canonical(value: Value, names: set[str]) -> Value:
    def inside(name: str, inner: Value) -> Value:
        if name in names and isinstance(inner, str):
            return canonical(inner)
        if name in names and isinstance(inner, dict):
            return {key: canonical(each) for key, each in inner.items()}
        return _canonical(inner, names)

    if isinstance(value, dict):
        return {name: inside(name, inner) for name, inner in value.items()}
    return [_canonical(each, names) for each in value] if isinstance(value, list) else value


def _unset(value: Value) -> bool:
    return value is UNKNOWN or value is None or value in ("", [])


def _map(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}
