"""What network policies let pods connect to, all together: policies add up."""

from typing import Any

from rehearsal.cloud.kubernetes.names import metadata
from rehearsal.cloud.model import Cloud
from rehearsal.protocol.walk import find, first


def ways_out(cloud: Cloud, cluster: str, namespace: str, labels: dict[str, str]) -> list[Any] | None:
    """The rules for what goes out of pods with these labels; None where all may."""
    policies = [
        each
        for each in cloud.all("kubernetes_network_policy", cluster)
        if "Egress" in (first(each.state, "spec.policy_types") or [])
        and matches(first(each.state, "spec.pod_selector") or {}, labels)
        and metadata(each.state).get("namespace") == namespace
    ]
    rules = [rule for each in policies for _, found in find(each.state, "spec.egress") for rule in found or []]
    return rules if policies else None


def let_through(rules: list[Any] | None, port: str, protocol: str = "TCP") -> bool:
    """Whether any of the rules has the port, to wherever."""
    return rules is None or any(
        not rule.get("ports") or any(_is(each, port, protocol) for each in rule["ports"]) for rule in rules
    )


def _is(port: dict[str, Any], number: str, protocol: str) -> bool:
    return str(port.get("port")) in (number, "", "None") and (port.get("protocol") or "TCP") == protocol


def matches(selector: Any, labels: dict[str, str]) -> bool:
    """As Kubernetes' label selectors do."""
    if not (first(selector, "match_labels") or {}).items() <= labels.items():
        return False
    for each in first(selector, "match_expressions") or []:
        values, has = each.get("values") or [], labels.get(each["key"])
        fits = {"In": has in values, "NotIn": has not in values, "Exists": has is not None, "DoesNotExist": has is None}
        if not fits[each["operator"]]:
            return False
    return True
