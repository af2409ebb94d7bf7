"""A hardened Deployment with a Service in front: the shape of everything of ours that answers HTTP."""

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_kubernetes import (
    deployment_v1 as k8s,
    network_policy_v1 as policy,
    pod_disruption_budget_v1 as budget,
    service_v1 as service,
)
from constructs import Construct

from metaflow_gcp.metaflow.service.pod import pod
from metaflow_gcp.metaflow.service.props import WebServiceProps


class WebService(Construct):
    """One Deployment, its Service, a network policy, and a disruption budget when there are two pods or more."""

    def __init__(self, scope: Construct, id_: str, props: WebServiceProps) -> None:
        super().__init__(scope, id_)
        self._labels = {"app.kubernetes.io/name": props.name, "app.kubernetes.io/part-of": "metaflow"}
        self._selector = {"app.kubernetes.io/name": props.name}
        # First: pods that start before their policy would start open.
        network_policy = self._add_network_policy(props)
        self._deployment = self._add_deployment(props, network_policy)
        self._service = service.ServiceV1(
            self,
            "service",
            metadata=service.ServiceV1Metadata(namespace=props.namespace, name=props.name, labels=self._labels),
            spec=service.ServiceV1Spec(
                type="ClusterIP",
                selector=self._selector,
                port=[service.ServiceV1SpecPort(name="http", port=props.port, target_port="http")],
            ),
        )
        if props.replicas > 1:
            # With a single pod a budget would stop every upgrade of its node.
            budget.PodDisruptionBudgetV1(
                self,
                "disruption-budget",
                metadata=budget.PodDisruptionBudgetV1Metadata(namespace=props.namespace, name=props.name),
                spec=budget.PodDisruptionBudgetV1Spec(
                    max_unavailable="1",
                    selector=budget.PodDisruptionBudgetV1SpecSelector(match_labels=self._selector),
                ),
            )
        self._port = props.port

    @property
    def name(self) -> str:
        return self._service.metadata.name

    @property
    def pods(self) -> dict[str, str]:
        """The labels of its pods."""
        return self._selector

    @property
    def deployment(self) -> ITerraformDependable:
        """What needs it to answer waits for this."""
        return self._deployment

    @property
    def url(self) -> str:
        """How pods of the cluster reach it."""
        return f"http://{self._service.metadata.name}.{self._service.metadata.namespace}:{self._port}/"

    def _add_network_policy(self, props: WebServiceProps) -> policy.NetworkPolicyV1:
        return policy.NetworkPolicyV1(
            self,
            "network-policy",
            metadata=policy.NetworkPolicyV1Metadata(namespace=props.namespace, name=props.name),
            spec=policy.NetworkPolicyV1Spec(
                pod_selector=policy.NetworkPolicyV1SpecPodSelector(match_labels=self._selector),
                policy_types=["Ingress", "Egress"],
                ingress=[
                    policy.NetworkPolicyV1SpecIngress(
                        from_=[
                            policy.NetworkPolicyV1SpecIngressFrom(
                                namespace_selector=policy.NetworkPolicyV1SpecIngressFromNamespaceSelector(
                                    match_labels={"kubernetes.io/metadata.name": namespace}
                                )
                            )
                            for namespace in props.client_namespaces
                        ],
                        ports=[policy.NetworkPolicyV1SpecIngressPorts(port=str(props.port), protocol="TCP")],
                    )
                ]
                if props.client_namespaces
                else None,
                egress=[_egress((53, "UDP"), (53, "TCP"), *((port, "TCP") for port in props.reaches))]
                + ([_egress((443, "TCP")), _METADATA_SERVER] if props.google_apis else []),
            ),
        )

    def _add_deployment(self, props: WebServiceProps, network_policy: policy.NetworkPolicyV1) -> k8s.DeploymentV1:
        return k8s.DeploymentV1(
            self,
            "deployment",
            depends_on=[network_policy, *props.after],
            metadata=k8s.DeploymentV1Metadata(namespace=props.namespace, name=props.name, labels=self._labels),
            spec=k8s.DeploymentV1Spec(
                replicas=str(props.replicas),
                selector=k8s.DeploymentV1SpecSelector(match_labels=self._selector),
                # The first migration of an old, large database takes its time.
                progress_deadline_seconds=1500,
                strategy=k8s.DeploymentV1SpecStrategy(
                    type="RollingUpdate",
                    rolling_update=k8s.DeploymentV1SpecStrategyRollingUpdate(max_surge="1", max_unavailable="0"),
                ),
                template=k8s.DeploymentV1SpecTemplate(
                    metadata=k8s.DeploymentV1SpecTemplateMetadata(
                        labels=self._labels,
                        annotations={f"checksum/{of}": digest for of, digest in props.checksums.items()} or None,
                    ),
                    spec=pod(props, self._selector),
                ),
            ),
            # `apply` returns when it works, not when it is asked for.
            wait_for_rollout=True,
            timeouts=k8s.DeploymentV1Timeouts(create="30m", update="30m"),
        )


def _egress(*ports: tuple[int, str]) -> policy.NetworkPolicyV1SpecEgress:
    return policy.NetworkPolicyV1SpecEgress(
        ports=[policy.NetworkPolicyV1SpecEgressPorts(port=str(port), protocol=protocol) for port, protocol in ports]
    )


# Where a pod gets the token of its Google account.
# https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy#network-policy-and-workload-identity
_METADATA_SERVER = policy.NetworkPolicyV1SpecEgress(
    to=[
        policy.NetworkPolicyV1SpecEgressTo(ip_block=policy.NetworkPolicyV1SpecEgressToIpBlock(cidr=cidr))
        for cidr in ("169.254.169.252/32", "169.254.169.254/32")
    ],
    ports=[policy.NetworkPolicyV1SpecEgressPorts(port=port, protocol="TCP") for port in ("80", "988")],
)
