"""The Kubernetes objects of a platform, as the API server will see them, and the Helm releases beside them."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rehearsal.cloud import charts
from rehearsal.cloud.render import render

Manifest = dict[str, Any]

KINDS = {
    "kubernetes_cluster_role_binding_v1": ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    "kubernetes_config_map_v1": ("v1", "ConfigMap"),
    "kubernetes_deployment_v1": ("apps/v1", "Deployment"),
    "kubernetes_limit_range_v1": ("v1", "LimitRange"),
    "kubernetes_namespace_v1": ("v1", "Namespace"),
    "kubernetes_network_policy_v1": ("networking.k8s.io/v1", "NetworkPolicy"),
    "kubernetes_pod_disruption_budget_v1": ("policy/v1", "PodDisruptionBudget"),
    "kubernetes_resource_quota_v1": ("v1", "ResourceQuota"),
    "kubernetes_role_binding_v1": ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    "kubernetes_role_v1": ("rbac.authorization.k8s.io/v1", "Role"),
    "kubernetes_secret_v1": ("v1", "Secret"),
    "kubernetes_service_account_v1": ("v1", "ServiceAccount"),
    "kubernetes_service_v1": ("v1", "Service"),
    "kubernetes_storage_class_v1": ("storage.k8s.io/v1", "StorageClass"),
}
OF_TERRAFORM = {"depends_on", "lifecycle", "timeouts", "wait_for_rollout"}
# Where the provider names one of a list that the API names in the plural.
PLURALS = {
    "container": "containers",
    "env": "env",
    "init_container": "initContainers",
    "limit": "limits",
    "match_expression": "matchExpressions",
    "port": "ports",
    "rule": "rules",
    "subject": "subjects",
    "toleration": "tolerations",
    "topology_spread_constraint": "topologySpreadConstraints",
    "volume": "volumes",
    "volume_mount": "volumeMounts",
}
# Keys below these are the user's, not the API's.
MAPS = {
    "annotations",
    "data",
    "default_request",
    "hard",
    "labels",
    "limits",
    "match_labels",
    "max",
    "node_selector",
    "parameters",
    "requests",
}
NUMBERS = {"port", "replicas", "run_as_group", "run_as_user", "max_surge", "max_unavailable", "min_available"}
REFERENCE = re.compile(r"\$\{(\w+)\.<([^>]+)>\.metadata\[0\]\.(\w+)\}")
OUTPUT_OF_INFRA = re.compile(r"\$\{data\.terraform_remote_state\.<infra>\.outputs\.(\w+)\}")


@dataclass
class Release:
    """A Helm release, with its names as they will be."""

    name: str
    namespace: str
    chart: charts.Chart
    values: dict[str, Any]
    """What we set over the chart's own defaults."""

    @property
    def is_local(self) -> bool:
        return self.chart.folder is not None


class Names:
    """What references between the elements of the services stack will be."""

    def __init__(self, platform):
        self._metadata = {(each.type, each.path): each.attributes["metadata"] for each in kubernetes(platform)}

    def in_text(self, text: str) -> str:
        text = OUTPUT_OF_INFRA.sub(lambda match: match[1].replace("_", "-") + ".test", text)
        return REFERENCE.sub(lambda match: self.in_text(self._metadata[match[1], match[2]][match[3]]), text)

    def within(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.within(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.within(each) for each in value]
        return self.in_text(value) if isinstance(value, str) else value


def kubernetes(platform):
    return [each for each in platform.elements if each.type.startswith("kubernetes_") and each.kind == "resource"]


@cache
def of_terraform(platform) -> list[Manifest]:
    """The resources of the kubernetes provider."""
    names = Names(platform)
    return [_manifest(each, names) for each in kubernetes(platform)]


@cache
def releases(platform) -> list[Release]:
    names = Names(platform)
    found = []
    for each in platform.of_type("helm_release"):
        attributes = names.within(each.attributes)
        if attributes["chart"].startswith("assets/"):
            attributes["chart"] = str(platform.folder / "stacks/services" / attributes["chart"])
        chart = charts.find(attributes)
        values = charts.merge(chart.defaults, charts.values(attributes) or {})
        found.append(Release(attributes["name"], attributes["namespace"], chart, values))
    return found


@cache
def of_local_charts(platform) -> list[Manifest]:
    """What real Helm makes of our own charts with the synthesized values, hooks included."""
    return [
        manifest
        for release in releases(platform)
        if release.is_local
        for manifest in render(
            Path(release.chart.folder), release.values, name=release.name, namespace=release.namespace
        )
    ]


def profile(platform) -> dict[str, str]:
    """Metaflow's configuration, with names as they will be."""
    return Names(platform).within(json.loads(platform.uploaded("metaflow-gcp/config.json")))


def _manifest(element, names: Names) -> Manifest:
    api_version, kind = KINDS[element.type]
    attributes = {key: value for key, value in element.attributes.items() if key not in OF_TERRAFORM}
    return {"apiVersion": api_version, "kind": kind, **_converted(names.within(attributes))}


def _converted(value: Any) -> Any:
    if isinstance(value, dict):
        return {_name(key, each): _entry(key, each) for key, each in value.items()}
    return [_converted(each) for each in value] if isinstance(value, list) else value


def _name(key: str, value: Any) -> str:
    if key in PLURALS and isinstance(value, list):
        return PLURALS[key]
    if key == "storage_provisioner":
        return "provisioner"
    first, *others = key.split("_")
    return first + "".join(other.title() for other in others)


def _entry(key: str, value: Any) -> Any:
    if key == "selector" and all(isinstance(each, str) for each in value.values()):
        return dict(value)  # a Service's
    if key in MAPS and isinstance(value, dict):
        return {name: _converted(each) for name, each in value.items()}
    if key == "default_mode":
        return int(value, 8)
    if key in NUMBERS and isinstance(value, str) and value.isdecimal():
        return int(value)
    if key in {"label_selector", "pre_stop"} and isinstance(value, list):
        [value] = value
    return _converted(value)
