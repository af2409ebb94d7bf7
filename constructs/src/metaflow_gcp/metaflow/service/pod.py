"""The pods of a `WebService`: not root, nothing writable but their volumes, no capability, no token."""

from collections.abc import Mapping
from typing import Any

from cdktf_cdktf_provider_kubernetes import deployment_v1 as k8s

from metaflow_gcp.metaflow.database_client import CERTIFICATES
from metaflow_gcp.metaflow.service.props import Preparation, WebServiceProps

APP = "/srv/app"
"""The working folder of every container, and where `folders` are."""

_NOBODY = 65534
_PAUSE_SECONDS = 15
"""Between the order to stop and the signal. Meanwhile the pod leaves the Service's endpoints, which takes a second or
two, and answers what is under way: the longest, a list of 100,000 runs, takes seconds. The metadata service drops
everything at the signal."""
_SERVER_GRACE_SECONDS = _PAUSE_SECONDS + 10
"""The UI only writes the signal down (`async_loop_signal_handler` of its `ui_server.py`) and goes on: it is ended then.
It loses nothing by it. Until then it answers those who are still connected, by a port forward."""
_TAINT_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "PREFER_NO_SCHEDULE": "PreferNoSchedule", "NO_EXECUTE": "NoExecute"}


def pod(props: WebServiceProps, selector: Mapping[str, str]) -> k8s.DeploymentV1SpecTemplateSpec:
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
            *(
                k8s.DeploymentV1SpecTemplateSpecVolume(
                    name=_volume_name(path), empty_dir=k8s.DeploymentV1SpecTemplateSpecVolumeEmptyDir(size_limit=size)
                )
                for path, size in props.volumes.items()
            ),
        ],
    )


def _server(props: WebServiceProps) -> k8s.DeploymentV1SpecTemplateSpecContainer:
    def probe(path: str) -> dict[str, Any]:
        return {"path": path, "port": "http"}

    alive = props.probes.alive

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
            limits={"memory": props.resources.memory_limit},
        ),
        # The image's own `sleep`: the Terraform provider does not know Kubernetes' yet.
        lifecycle=k8s.DeploymentV1SpecTemplateSpecContainerLifecycle(
            pre_stop=[
                k8s.DeploymentV1SpecTemplateSpecContainerLifecyclePreStop(
                    exec=k8s.DeploymentV1SpecTemplateSpecContainerLifecyclePreStopExec(
                        command=["sleep", str(_PAUSE_SECONDS)]
                    )
                )
            ]
        ),
        # A minute and a half to come up; only then do the other two count.
        startup_probe=k8s.DeploymentV1SpecTemplateSpecContainerStartupProbe(
            http_get=k8s.DeploymentV1SpecTemplateSpecContainerStartupProbeHttpGet(**probe(props.probes.started)),
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
            http_get=k8s.DeploymentV1SpecTemplateSpecContainerLivenessProbeHttpGet(**probe(alive.path)),
            period_seconds=alive.period_seconds,
            timeout_seconds=alive.timeout_seconds,
            failure_threshold=alive.failures,
        ),
        security_context=k8s.DeploymentV1SpecTemplateSpecContainerSecurityContext(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            run_as_non_root=True,
            capabilities=k8s.DeploymentV1SpecTemplateSpecContainerSecurityContextCapabilities(drop=["ALL"]),
        ),
        volume_mount=[
            k8s.DeploymentV1SpecTemplateSpecContainerVolumeMount(name=name, mount_path=path, read_only=read_only)
            for name, path, read_only in (*_MOUNTS, *((_volume_name(path), path, False) for path in props.volumes))
        ],
    )


def _volume_name(path: str) -> str:
    """`/srv/cards/cache_1` -> `srv-cards-cache-1`."""
    return path.strip("/").replace("/", "-").replace("_", "-")


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
        limits={"memory": props.resources.memory_limit},
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
