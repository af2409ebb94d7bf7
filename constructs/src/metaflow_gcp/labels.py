"""Labels: Google's on resources, Kubernetes' on nodes, and the nodes' taints. Needs no Node."""

import re
from collections.abc import Mapping

from metaflow_gcp.checks import Checks, is_token

MAX_LABELS = 64
"""https://cloud.google.com/resource-manager/docs/labels-overview#requirements"""

TAINT_EFFECTS = ("NO_SCHEDULE", "PREFER_NO_SCHEDULE", "NO_EXECUTE")
"""https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/NodeConfig#effect"""

_RESOURCE_KEY = r"[a-z][a-z0-9_-]{0,62}"
_RESOURCE_VALUE = r"[a-z0-9_-]{0,63}"
_NODE_NAME = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
_DNS_NAME = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"

_NODE_KEY_IN_WORDS = "name or domain/name; in the name up to 63 letters, digits, -, _ and ."


def check_resource_labels(checks: Checks, where: str, labels: Mapping[str, str], reserved: int = 0) -> None:
    """Labels of Google's resources (they show up in billing). `reserved`: how many more the caller adds itself."""
    for key, value in labels.items():
        entry = f"{where}.{key}"
        if key.startswith("goog"):
            checks.add(
                entry,
                wrong=f"{key!r} starts with goog, which Google keeps for itself",
                allowed="a key that starts otherwise",
                fix="rename the label",
            )
        elif not re.fullmatch(_RESOURCE_KEY, key):
            checks.add(
                entry,
                wrong=f"{key!r} is not a label's key",
                allowed="1 to 63 of a-z, 0-9, - and _, a letter first",
                fix="rename the label",
            )
        checks.matches(entry, value, _RESOURCE_VALUE, "up to 63 of a-z, 0-9, - and _")
    if len(labels) > MAX_LABELS - reserved:
        kept = f" ({MAX_LABELS} of Google's, less {reserved} that the platform sets)" if reserved else ""
        checks.add(
            where,
            wrong=f"{len(labels)} labels are given",
            allowed=f"at most {MAX_LABELS - reserved}{kept}",
            fix="remove some",
        )


def check_node_labels(checks: Checks, where: str, labels: Mapping[str, str]) -> None:
    """Labels of nodes, which a flow's `node_selector` asks for."""
    for key, value in labels.items():
        entry = f"{where}.{key}"
        _check_node_key(checks, entry, key)
        _check_node_value(checks, entry, value)


def check_taint(checks: Checks, where: str, *, key: str, value: str, effect: str) -> None:
    """A taint of nodes: only pods that tolerate it run there."""
    _check_node_key(checks, f"{where}.key", key)
    _check_node_value(checks, f"{where}.value", value)
    checks.one_of(f"{where}.effect", effect, TAINT_EFFECTS)


def _check_node_key(checks: Checks, where: str, key: str) -> None:
    if is_token(key):
        return
    domain, slash, name = key.rpartition("/")
    if not re.fullmatch(_NODE_NAME, name) or (slash and not re.fullmatch(_DNS_NAME, domain)):
        checks.add(where, wrong=f"{key!r} is not a key", allowed=_NODE_KEY_IN_WORDS, fix="rename the key")
    elif _is_reserved(key, domain):
        checks.add(
            where,
            wrong=f"{key!r} is set by Kubernetes or GKE",
            allowed="keys outside kubernetes.io, k8s.io, nvidia.com/gpu and cloud.google.com/gke-*",
            fix="choose a domain of your own, or none",
        )


def _is_reserved(key: str, domain: str) -> bool:
    kubernetes = any(domain == kept or domain.endswith(f".{kept}") for kept in ("kubernetes.io", "k8s.io"))
    return kubernetes or key == "nvidia.com/gpu" or key.startswith("cloud.google.com/gke-")


def _check_node_value(checks: Checks, where: str, value: str) -> None:
    checks.matches(
        where,
        value,
        rf"({_NODE_NAME})?",
        "up to 63 letters, digits, -, _ and ., a letter or digit at both ends",
    )
