"""A hardened Deployment with a Service in front: the shape of everything of ours that answers HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cdktf_cdktf_provider_kubernetes import deployment_v1 as k8s
from cdktf_cdktf_provider_kubernetes import network_policy_v1 as policy
from cdktf_cdktf_provider_kubernetes import pod_disruption_budget_v1 as budget
from cdktf_cdktf_provider_kubernetes import service_v1 as service
from constructs import Construct

from metaflow_gcp.database_client import CERTIFICATES, DatabaseClient
from metaflow_gcp.placement import ANYWHERE, Placement

APP = "/srv/app"
"""The working folder of every container, and where `folders` are."""

_NOBODY = 65534
_SERVER_GRACE_SECONDS = 10
"""Enough for requests under way; one of the servers ignores the signal and is ended then."""
_TAINT_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "PREFER_NO_SCHEDULE": "PreferNoSchedule", "NO_EXECUTE": "NoExecute"}


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What a container asks for and may use."""

    cpu: str
    """Requested, as `100m`. There is no limit: a limit throttles while the node idles."""
    memory: str
    """Requested and allowed, as `256Mi`: memory cannot be taken back without ending the process."""


@dataclass(frozen=True, kw_only=True)
class Probes:
    """Paths that answer 200."""

    alive: str
    """Asks nothing of others: its failure restarts the container."""
    ready: str
    """Asks the database: its failure takes the pod out of the Service."""


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """A container that runs to its end before the server starts."""

    name: str
    command: tuple[str, ...]
    grace_seconds: int
    """How long it may go on when the pod is told to stop."""


@dataclass(frozen=True, kw_only=True)
class WebServiceProps:
    namespace: str
    name: str
    """The name of Deployment, Service, policy and budget."""
    image: str
    command: tuple[str, ...]
    port: int
    probes: Probes
    resources: Resources
    database: DatabaseClient
    service_account: str
    """The name of the Kubernetes account that the pods run as."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Beside the database's."""
    folders: tuple[str, ...] = ()
    """Folders of the image below /root that are copied to `APP` first: no user but root can read them there."""
    google_apis: bool = False
    """Whether it talks to Google's APIs: its network policy then lets it out to them."""
    preparation: Preparation | None = None
    replicas: int = 1
    client_namespaces: tuple[str, ...] = ()
    """Namespaces whose pods may connect. Port forwards need no permission: they enter the pod through its node."""
    database_port: int = 5432
    temporary_space: str = "64Mi"
    """For files that it writes, caches included."""
    placement: Placement = ANYWHERE


class WebService(Construct):
    """One Deployment, its Service, a network policy, and a disruption budget when there are two pods or more."""

    def __init__(self, scope: Construct, id_: str, props: WebServiceProps) -> None:
        super().__init__(scope, id_)
        self._labels = {"app.kubernetes.io/name": props.name, "app.kubernetes.io/part-of": "metaflow"}
        self._selector = {"app.kubernetes.io/name": props.name}
        # First: pods that start before their policy would start open.
        network_policy = self._add_network_policy(props)
        self._add_deployment(props, network_policy)
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
                egress=[_egress((53, "UDP"), (53, "TCP"), (props.database_port, "TCP"))]
                + ([_egress((443, "TCP")), _METADATA_SERVER] if props.google_apis else []),
            ),
        )

    def _add_deployment(self, props: WebServiceProps, network_policy: policy.NetworkPolicyV1) -> None:
        k8s.DeploymentV1(
            self,
            "deployment",
            depends_on=[network_policy],
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
                        labels=self._labels, annotations={"checksum/database": props.database.checksum}
                    ),
                    spec=_pod(props, self._selector),
                ),
            ),
            # `apply` returns when it works, not when it is asked for.
            wait_for_rollout=True,
            timeouts=k8s.DeploymentV1Timeouts(create="30m", update="30m"),
        )


def _pod(props: WebServiceProps, selector: Mapping[str, str]) -> k8s.DeploymentV1SpecTemplateSpec:
    return k8s.DeploymentV1SpecTemplateSpec(
        service_account_name=props.service_account,
        # None of them talks to the Kubernetes API.
        automount_service_account_token=False,
        enable_service_links=False,
        # A container's first process ignores signals that it does not handle, and not every server handles SIGTERM:
        # within a process namespace of the whole pod it is not the first, and ends.
        share_process_namespace=True,
        termination_grace_period_seconds=props.preparation.grace_seconds
        if props.preparation
        else _SERVER_GRACE_SECONDS,
        security_context=k8s.DeploymentV1SpecTemplateSpecSecurityContext(
            run_as_non_root=True,
            run_as_user=str(_NOBODY),
            run_as_group=str(_NOBODY),
            seccomp_profile=k8s.DeploymentV1SpecTemplateSpecSecurityContextSeccompProfile(type="RuntimeDefault"),
        ),
        node_selector=dict(props.placement.labels) or None,
        toleration=[
            k8s.DeploymentV1SpecTemplateSpecToleration(
                key=taint.key, operator="Equal", value=taint.value, effect=_TAINT_EFFECTS[taint.effect]
            )
            for taint in props.placement.taints
        ]
        or None,
        topology_spread_constraint=[
            k8s.DeploymentV1SpecTemplateSpecTopologySpreadConstraint(
                max_skew=1,
                topology_key="topology.kubernetes.io/zone",
                when_unsatisfiable="ScheduleAnyway",
                label_selector=[
                    k8s.DeploymentV1SpecTemplateSpecTopologySpreadConstraintLabelSelector(match_labels=selector)
                ],
            )
        ]
        if props.replicas > 1
        else None,
        init_container=[
            *([_unpack(props)] if props.folders else []),
            *([_preparation(props, props.preparation)] if props.preparation else []),
        ]
        or None,
        container=[_server(props)],
        volume=[
            k8s.DeploymentV1SpecTemplateSpecVolume(
                name="database",
                config_map=k8s.DeploymentV1SpecTemplateSpecVolumeConfigMap(
                    name=props.database.certificates, default_mode="0444"
                ),
            ),
            k8s.DeploymentV1SpecTemplateSpecVolume(
                name="app", empty_dir=k8s.DeploymentV1SpecTemplateSpecVolumeEmptyDir(size_limit=props.temporary_space)
            ),
            # The file system is read-only; Python still wants a place for temporary files.
            k8s.DeploymentV1SpecTemplateSpecVolume(
                name="tmp", empty_dir=k8s.DeploymentV1SpecTemplateSpecVolumeEmptyDir(size_limit="64Mi")
            ),
        ],
    )


def _server(props: WebServiceProps) -> k8s.DeploymentV1SpecTemplateSpecContainer:
    def probe(path: str) -> dict[str, Any]:
        return {"path": path, "port": "http"}

    return k8s.DeploymentV1SpecTemplateSpecContainer(
        name=props.name,
        image=props.image,
        command=list(props.command),
        # The image's own is /root, which only root may enter.
        working_dir=APP,
        env=[
            k8s.DeploymentV1SpecTemplateSpecContainerEnv(name=name, value=value)
            for name, value in {**props.database.env, **props.env}.items()
        ]
        + [
            k8s.DeploymentV1SpecTemplateSpecContainerEnv(
                name=name,
                value_from=k8s.DeploymentV1SpecTemplateSpecContainerEnvValueFrom(
                    secret_key_ref=k8s.DeploymentV1SpecTemplateSpecContainerEnvValueFromSecretKeyRef(
                        name=secret, key=key
                    )
                ),
            )
            for name, (secret, key) in props.database.secret_env.items()
        ],
        port=[k8s.DeploymentV1SpecTemplateSpecContainerPort(name="http", container_port=props.port, protocol="TCP")],
        resources=k8s.DeploymentV1SpecTemplateSpecContainerResources(
            requests={"cpu": props.resources.cpu, "memory": props.resources.memory},
            limits={"memory": props.resources.memory},
        ),
        # A minute and a half to come up; only then do the other two count.
        startup_probe=k8s.DeploymentV1SpecTemplateSpecContainerStartupProbe(
            http_get=k8s.DeploymentV1SpecTemplateSpecContainerStartupProbeHttpGet(**probe(props.probes.alive)),
            period_seconds=3,
            timeout_seconds=3,
            failure_threshold=30,
        ),
        readiness_probe=k8s.DeploymentV1SpecTemplateSpecContainerReadinessProbe(
            http_get=k8s.DeploymentV1SpecTemplateSpecContainerReadinessProbeHttpGet(**probe(props.probes.ready)),
            period_seconds=10,
            timeout_seconds=5,
            failure_threshold=3,
        ),
        liveness_probe=k8s.DeploymentV1SpecTemplateSpecContainerLivenessProbe(
            http_get=k8s.DeploymentV1SpecTemplateSpecContainerLivenessProbeHttpGet(**probe(props.probes.alive)),
            period_seconds=20,
            timeout_seconds=5,
            failure_threshold=3,
        ),
        security_context=k8s.DeploymentV1SpecTemplateSpecContainerSecurityContext(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            run_as_non_root=True,
            capabilities=k8s.DeploymentV1SpecTemplateSpecContainerSecurityContextCapabilities(drop=["ALL"]),
        ),
        volume_mount=[
            k8s.DeploymentV1SpecTemplateSpecContainerVolumeMount(name=name, mount_path=path, read_only=read_only)
            for name, path, read_only in _MOUNTS
        ],
    )


def _unpack(props: WebServiceProps) -> k8s.DeploymentV1SpecTemplateSpecInitContainer:
    """Root in name only: no capability, no writable file but the copies, no password, and nothing but `cp` to run."""
    return k8s.DeploymentV1SpecTemplateSpecInitContainer(
        name="unpack",
        image=props.image,
        command=["cp", "-r", *(f"/root/{folder}" for folder in props.folders), APP],
        resources=_resources_before_start(props),
        security_context=_security_before_start(root=True),
        volume_mount=[k8s.DeploymentV1SpecTemplateSpecInitContainerVolumeMount(name="app", mount_path=APP)],
    )


def _preparation(props: WebServiceProps, preparation: Preparation) -> k8s.DeploymentV1SpecTemplateSpecInitContainer:
    """No probe of any kind: nothing may end it half-way."""
    return k8s.DeploymentV1SpecTemplateSpecInitContainer(
        name=preparation.name,
        image=props.image,
        command=list(preparation.command),
        working_dir=APP,
        env=[
            k8s.DeploymentV1SpecTemplateSpecInitContainerEnv(name=name, value=value)
            for name, value in props.database.env.items()
        ]
        + [
            k8s.DeploymentV1SpecTemplateSpecInitContainerEnv(
                name=name,
                value_from=k8s.DeploymentV1SpecTemplateSpecInitContainerEnvValueFrom(
                    secret_key_ref=k8s.DeploymentV1SpecTemplateSpecInitContainerEnvValueFromSecretKeyRef(
                        name=secret, key=key
                    )
                ),
            )
            for name, (secret, key) in props.database.secret_env.items()
        ],
        resources=_resources_before_start(props),
        security_context=_security_before_start(root=False),
        volume_mount=[
            k8s.DeploymentV1SpecTemplateSpecInitContainerVolumeMount(name=name, mount_path=path, read_only=read_only)
            for name, path, read_only in _MOUNTS
        ],
    )


def _resources_before_start(props: WebServiceProps) -> k8s.DeploymentV1SpecTemplateSpecInitContainerResources:
    return k8s.DeploymentV1SpecTemplateSpecInitContainerResources(
        requests={"cpu": props.resources.cpu, "memory": props.resources.memory},
        limits={"memory": props.resources.memory},
    )


def _security_before_start(*, root: bool) -> k8s.DeploymentV1SpecTemplateSpecInitContainerSecurityContext:
    return k8s.DeploymentV1SpecTemplateSpecInitContainerSecurityContext(
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        run_as_non_root=not root,
        run_as_user="0" if root else None,
        capabilities=k8s.DeploymentV1SpecTemplateSpecInitContainerSecurityContextCapabilities(drop=["ALL"]),
    )


_MOUNTS = (
    ("database", CERTIFICATES, True),
    ("app", APP, False),
    ("tmp", "/tmp", False),  # noqa: S108 - a path in the container: a volume of the pod's own
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
