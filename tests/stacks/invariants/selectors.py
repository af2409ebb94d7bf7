"""Selectors and network policies, as Kubernetes reads them."""

from ipaddress import ip_address, ip_network
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


def policies_of(objects: list[Manifest], pod: Pod, type_: str = "Ingress") -> list[Manifest]:
    """The policies about what comes into a pod, or with `Egress` what it connects to."""
    return [
        each
        for each in objects
        if each["kind"] == "NetworkPolicy"
        and each["metadata"]["namespace"] == pod.namespace
        and type_ in each["spec"]["policyTypes"]
        and matches(each["spec"]["podSelector"], pod.labels)
    ]


def lets_in(objects: list[Manifest], pod: Pod, port: int, namespace: str, labels: Labels) -> bool:
    """Whether pods with the labels in the namespace get through to the port: policies add up."""
    policies = policies_of(objects, pod)
    of_namespace = namespaces(objects).get(namespace, {"kubernetes.io/metadata.name": namespace})

    def is_peer(peer: dict[str, Any]) -> bool:
        unknown = peer.keys() - {"podSelector", "namespaceSelector", "ipBlock"}
        assert not unknown, unknown
        if "ipBlock" in peer:
            return False  # ours hold no addresses of pods: test_endpoint.py
        selector = peer.get("namespaceSelector", {"matchLabels": {"kubernetes.io/metadata.name": pod.namespace}})
        return matches(selector, of_namespace) and matches(peer.get("podSelector", {}), labels)

    return not policies or any(
        ("ports" not in rule or port in {each["port"] for each in rule["ports"]})
        and ("from" not in rule or any(map(is_peer, rule["from"])))
        for policy in policies
        for rule in policy["spec"].get("ingress", [])
    )


def lets_in_from(objects: list[Manifest], pod: Pod, port: int, address: str) -> bool:
    """Whether who connects from an address that is no pod's gets through to the port."""
    policies = policies_of(objects, pod)
    return not policies or any(
        ("ports" not in rule or port in {each["port"] for each in rule["ports"]})
        and ("from" not in rule or any(_holds_address(peer, address) for peer in rule["from"]))
        for policy in policies
        for rule in policy["spec"].get("ingress", [])
    )


def lets_out(objects: list[Manifest], pod: Pod, address: str, port: int) -> bool:
    """Whether a pod may connect to the port of an address that is no pod's."""
    policies = policies_of(objects, pod, "Egress")
    return not policies or any(
        ("ports" not in rule or port in {each["port"] for each in rule["ports"]})
        and ("to" not in rule or any(_holds_address(peer, address) for peer in rule["to"]))
        for policy in policies
        for rule in policy["spec"].get("egress", [])
    )


def _holds_address(peer: dict[str, Any], address: str) -> bool:
    """Selectors choose pods only."""
    return "ipBlock" in peer and ip_address(address) in ip_network(peer["ipBlock"]["cidr"])
