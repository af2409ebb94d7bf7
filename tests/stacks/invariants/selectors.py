"""Selectors and network policies, as Kubernetes reads them."""

from typing import Any

from tests.stacks.invariants.objects import Manifest
from tests.stacks.invariants.pods import Pod

Labels = dict[str, str]


def matches(selector: dict[str, Any], labels: Labels) -> bool:
    """All of it. https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors ."""
    unknown = selector.keys() - {"matchLabels", "matchExpressions"}
    assert not unknown, unknown
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        _holds(each, labels) for each in selector.get("matchExpressions", [])
    )


def _holds(expression: dict[str, Any], labels: Labels) -> bool:
    value = labels.get(expression["key"])
    return {
        "In": lambda: value in expression["values"],
        "NotIn": lambda: value not in expression["values"],
        "Exists": lambda: value is not None,
        "DoesNotExist": lambda: value is None,
    }[expression["operator"]]()


def namespaces(objects: list[Manifest]) -> dict[str, Labels]:
    """Name -> labels, with the one that Kubernetes adds."""
    return {
        each["metadata"]["name"]: each["metadata"]["labels"] | {"kubernetes.io/metadata.name": each["metadata"]["name"]}
        for each in objects
        if each["kind"] == "Namespace"
    }


def policies_of(objects: list[Manifest], pod: Pod) -> list[Manifest]:
    """The policies about what comes into a pod."""
    return [
        each
        for each in objects
        if each["kind"] == "NetworkPolicy"
        and each["metadata"]["namespace"] == pod.namespace
        and "Ingress" in each["spec"]["policyTypes"]
        and matches(each["spec"]["podSelector"], pod.labels)
    ]


def lets_in(objects: list[Manifest], pod: Pod, port: int, namespace: str, labels: Labels) -> bool:
    """Whether pods with the labels in the namespace get through to the port: policies add up."""
    policies = policies_of(objects, pod)
    of_namespace = namespaces(objects).get(namespace, {"kubernetes.io/metadata.name": namespace})

    def is_peer(peer: dict[str, Any]) -> bool:
        unknown = peer.keys() - {"podSelector", "namespaceSelector"}
        assert not unknown, unknown
        selector = peer.get("namespaceSelector", {"matchLabels": {"kubernetes.io/metadata.name": pod.namespace}})
        return matches(selector, of_namespace) and matches(peer.get("podSelector", {}), labels)

    return not policies or any(
        ("ports" not in rule or port in {each["port"] for each in rule["ports"]})
        and ("from" not in rule or any(map(is_peer, rule["from"])))
        for policy in policies
        for rule in policy["spec"].get("ingress", [])
    )
