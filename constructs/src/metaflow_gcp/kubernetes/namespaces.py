"""The namespaces of the platform.

Their Pod Security levels: https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from dataclasses import dataclass

from cdktf_cdktf_provider_kubernetes import namespace_v1 as kubernetes, network_policy_v1 as policy
from constructs import Construct

from metaflow_gcp.checks import Checks
from metaflow_gcp.names import KubernetesName
from metaflow_gcp.properties import Properties


@dataclass(frozen=True, kw_only=True)
class NamespacesProps(Properties):
    services: KubernetesName = "metaflow"
    """The metadata service and what people reach by port forward."""
    jobs: KubernetesName = "metaflow-jobs"
    """Tasks, workflows and events."""
    controllers: KubernetesName | None = None
    """Argo's and JobSet's controllers. Default: none of these."""

    def _check(self, checks: Checks) -> None:
        given = [each for each in (self.services, self.jobs, self.controllers) if each is not None]
        if len(set(given)) < len(given):
            checks.add(
                "jobs",
                wrong=f"{', '.join(map(repr, given))} are not all different",
                allowed="a namespace for each",
                fix="rename one: network policies and roles tell them apart",
            )


class Namespaces(Construct):
    """One namespace for our services, one for the team's tasks, one for controllers.

    No pod reaches anything in them unless a policy of its own lets it (a `WebService` names its clients), but for the
    tasks' namespace, whose pods reach each other.
    """

    def __init__(self, scope: Construct, id_: str, props: NamespacesProps) -> None:
        super().__init__(scope, id_)
        # A container of the metadata service's image runs as root (see WebService): `restricted` is warned about, not
        # enforced.
        self._services = self._add("services", props.services, enforce="baseline", warn="restricted")
        # Images of tasks are the team's own; most run as root.
        self._jobs = self._add("jobs", props.jobs, enforce="baseline", warn="baseline")
        self._controllers = (
            self._add("controllers", props.controllers, enforce="restricted", warn="restricted")
            if props.controllers
            else None
        )
        self._close("services", self.services)
        self._close("jobs", self.jobs)
        if props.controllers:
            self._close("controllers", self.controllers)
        self._open_within("jobs", self.jobs)

    @property
    def services(self) -> str:
        """The services' namespace; what is put into it waits for it."""
        return self._services.metadata.name

    @property
    def jobs(self) -> str:
        """The tasks' namespace; what is put into it waits for it."""
        return self._jobs.metadata.name

    @property
    def controllers(self) -> str:
        """The controllers' namespace; what is put into it waits for it."""
        if self._controllers is None:
            raise ValueError("Namespaces: `controllers` is not given; name it in NamespacesProps")
        return self._controllers.metadata.name

    def _add(self, id_: str, name: str, *, enforce: str, warn: str) -> kubernetes.NamespaceV1:
        return kubernetes.NamespaceV1(
            self,
            id_,
            metadata=kubernetes.NamespaceV1Metadata(
                name=name,
                labels={
                    "app.kubernetes.io/part-of": "metaflow",
                    "pod-security.kubernetes.io/enforce": enforce,
                    "pod-security.kubernetes.io/warn": warn,
                },
            ),
            # Pods that finish late, and GKE's own finalizers.
            timeouts=kubernetes.NamespaceV1Timeouts(delete="15m"),
        )

    def _close(self, id_: str, namespace: str) -> None:
        """Let no pod in."""
        policy.NetworkPolicyV1(
            self,
            f"{id_}-ingress",
            metadata=policy.NetworkPolicyV1Metadata(namespace=namespace, name="default-ingress"),
            spec=policy.NetworkPolicyV1Spec(
                # Every pod.
                pod_selector=policy.NetworkPolicyV1SpecPodSelector(),
                policy_types=["Ingress"],
            ),
        )

    def _open_within(self, id_: str, namespace: str) -> None:
        """Let in the pods of the namespace: tasks of one @parallel step talk to each other, all to the webhook.

        Not to the event bus: policies add up, and the one that comes with the bus names its clients.
        """
        policy.NetworkPolicyV1(
            self,
            f"{id_}-within",
            metadata=policy.NetworkPolicyV1Metadata(namespace=namespace, name="within-namespace"),
            spec=policy.NetworkPolicyV1Spec(
                pod_selector=policy.NetworkPolicyV1SpecPodSelector(
                    match_expressions=[
                        policy.NetworkPolicyV1SpecPodSelectorMatchExpressions(
                            # The label that Argo Events' controller gives the pods of a bus.
                            key="controller",
                            operator="NotIn",
                            values=["eventbus-controller"],
                        )
                    ]
                ),
                policy_types=["Ingress"],
                ingress=[
                    policy.NetworkPolicyV1SpecIngress(
                        from_=[
                            policy.NetworkPolicyV1SpecIngressFrom(
                                pod_selector=policy.NetworkPolicyV1SpecIngressFromPodSelector()
                            )
                        ]
                    )
                ],
            ),
        )
