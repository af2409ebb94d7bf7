"""The core group: namespaces, configuration, accounts, limits, Services, pods by themselves."""

from typing import Any

from rehearsal.cloud import invent
from rehearsal.cloud.gke import VERSION
from rehearsal.cloud.kubernetes import quota
from rehearsal.cloud.kubernetes.defaults import unset
from rehearsal.cloud.kubernetes.kind import Kind, State
from rehearsal.cloud.kubernetes.names import BUILT_IN_NAMESPACES
from rehearsal.cloud.model import Cloud, Key


def _limit(item: State) -> Any:
    """The default limit is the maximum where it is not given, resource by resource."""
    if item.get("type") != "Container":
        return None
    return {**_map(item.get("max")), **_map(item.get("default"))} or None


def _request(item: State) -> Any:
    """The default request is the default limit, else the minimum, where it is not given, resource by resource."""
    if item.get("type") != "Container":
        return None
    return {**_map(item.get("min")), **_map(_limit(item)), **_map(item.get("default_request"))} or None


def _map(value: Any) -> State:
    return value if isinstance(value, dict) else {}


def _target_port(port: State) -> Any:
    return str(port["port"]) if unset(port.get("target_port")) or port["target_port"] == "0" else None


def _addresses(key: Key) -> State:
    address = invent.address(*key, network="34.118.224.0/20")
    single = {"ip_families": ["IPv4"], "ip_family_policy": "SingleStack"}
    return {"spec": [{"cluster_ip": address, "cluster_ips": [address], **single}]}


def _namespaces(cloud: Cloud, cluster: Key) -> State:
    made = {each.key.id for each in cloud.all("kubernetes_namespace", cluster.id)}
    return {"namespaces": sorted(BUILT_IN_NAMESPACES | made)}


def _version(cloud: Cloud, cluster: Key) -> State:
    major, minor, _ = VERSION.split(".", 2)
    return {"version": VERSION, "major": major, "minor": minor}


KINDS = [
    Kind(type="kubernetes_config_map"),
    Kind(
        type="kubernetes_limit_range",
        quantities=frozenset({"default", "default_request", "max", "min", "max_limit_request_ratio"}),
        defaults={"spec": {"limit": {"default": _limit, "default_request": _request}}},
    ),
    # It gets the label `kubernetes.io/metadata.name`; the provider leaves labels of kubernetes.io out of the state
    # unless they are configured (structures.go, removeInternalKeys).
    Kind(type="kubernetes_namespace"),
    Kind(type="kubernetes_pod", pods=""),
    Kind(type="kubernetes_replication_controller", pods="spec.template."),
    Kind(type="kubernetes_resource_quota", quantities=frozenset({"hard"}), rules=(quota.check,)),
    Kind(type="kubernetes_secret", defaults={"type": "Opaque"}),
    Kind(
        type="kubernetes_service",
        selects="spec.selector",
        facts=_addresses,
        defaults={
            "spec": {
                "type": "ClusterIP",
                "session_affinity": "None",
                "internal_traffic_policy": "Cluster",
                "port": {"protocol": "TCP", "target_port": _target_port},
            }
        },
    ),
    Kind(type="kubernetes_service_account"),
    Kind(type="kubernetes_all_namespaces", data=_namespaces),
    Kind(type="kubernetes_server_version", data=_version),
]
