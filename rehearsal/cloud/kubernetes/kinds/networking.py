"""networking.k8s.io: NetworkPolicies."""

from typing import Any

from rehearsal.cloud.kubernetes.defaults import unset
from rehearsal.cloud.kubernetes.kind import Kind, State


def _policy_types(policy: State) -> Any:
    if not unset(policy.get("policy_types")):
        return None
    return ["Ingress", "Egress"] if policy.get("egress") else ["Ingress"]


_PORTS = {"ports": {"protocol": "TCP"}}

KINDS = [
    Kind(
        type="kubernetes_network_policy",
        defaults={"spec": {"policy_types": _policy_types, "ingress": _PORTS, "egress": _PORTS}},
    )
]
