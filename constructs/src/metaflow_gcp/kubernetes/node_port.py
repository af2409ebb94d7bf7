"""A port on every node that leads to one service, for a load balancer outside of the cluster."""

from collections.abc import Mapping
from dataclasses import dataclass

from cdktf_cdktf_provider_kubernetes import network_policy_v1 as policy, service_v1 as service
from constructs import Construct

from metaflow_gcp import names
from metaflow_gcp.checks import Checks
from metaflow_gcp.properties import Properties


@dataclass(frozen=True, kw_only=True)
class NodePortProps(Properties):
    namespace: names.KubernetesName
    """Where the pods are."""
    name: names.KubernetesName
    """The name of the Service and of the network policy."""
    pods: Mapping[str, str]
    """The labels of the pods."""
    port: int
    """Where the pods listen."""
    node_port: int
    """Where the nodes listen: 30000 to 32767."""
    sources: tuple[str, ...]
    """The ranges (CIDR) from which the pods take requests: the load balancer's. Pods' own and nodes' are no such."""

    def _check(self, checks: Checks) -> None:
        checks.between("node_port", self.node_port, 30000, 32767)
        if not self.pods:
            checks.add("pods", wrong="there are no labels", allowed="one or more", fix="name the labels of the pods")
        if not self.sources:
            checks.add("sources", wrong="there are none", allowed="one range or more", fix="name the load balancer's")


class NodePort(Construct):
    """A Service beside the one that pods use, and a network policy that lets the load balancer in and nobody else."""

    def __init__(self, scope: Construct, id_: str, props: NodePortProps) -> None:
        super().__init__(scope, id_)
        policy.NetworkPolicyV1(
            self,
            "network-policy",
            metadata=policy.NetworkPolicyV1Metadata(namespace=props.namespace, name=props.name),
            spec=policy.NetworkPolicyV1Spec(
                pod_selector=policy.NetworkPolicyV1SpecPodSelector(match_labels=dict(props.pods)),
                policy_types=["Ingress"],
                ingress=[
                    policy.NetworkPolicyV1SpecIngress(
                        from_=[
                            policy.NetworkPolicyV1SpecIngressFrom(
                                ip_block=policy.NetworkPolicyV1SpecIngressFromIpBlock(cidr=cidr)
                            )
                            for cidr in props.sources
                        ],
                        ports=[policy.NetworkPolicyV1SpecIngressPorts(port=str(props.port), protocol="TCP")],
                    )
                ],
            ),
        )
        service.ServiceV1(
            self,
            "service",
            metadata=service.ServiceV1Metadata(namespace=props.namespace, name=props.name),
            spec=service.ServiceV1Spec(
                type="NodePort",
                selector=dict(props.pods),
                # Only the node that the pod is on answers, and the pod sees who asks: the policy goes by that. From
                # another node requests would come with the node's address.
                # https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy
                external_traffic_policy="Local",
                port=[
                    service.ServiceV1SpecPort(
                        name="http", port=props.port, target_port=str(props.port), node_port=props.node_port
                    )
                ],
            ),
        )
