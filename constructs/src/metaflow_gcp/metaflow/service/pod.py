"""The pods of a `WebService`: not root, nothing writable but their volumes, no capability, no token."""

from collections.abc import Mapping
from typing import Any, Literal

from cdktf_cdktf_provider_kubernetes import deployment_v1 as k8s

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
        toleration=[k8s.DeploymentV1SpecTemplateSpecToleration(**taint.toleration) for taint in props.placement.taints]
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
            *(
                k8s.DeploymentV1SpecTemplateSpecVolume(
                    name=name,
                    config_map=k8s.DeploymentV1SpecTemplateSpecVolumeConfigMap(name=each, default_mode="0444"),
                )
                for name, (each, _) in props.config_maps.items()
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
        env=_variables("Container", {**props.shared_env, **props.env}, props.secret_env),
        port=[k8s.DeploymentV1SpecTemplateSpecContainerPort(name="http", container_port=props.port, protocol="TCP")],
        resources=_part("Container", "Resources")(**props.size.values),
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
        security_context=_security("Container"),
        volume_mount=_mounts("Container", props, *((_volume_name(path), path, False) for path in props.volumes)),
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
        resources=_part("InitContainer", "Resources")(**props.size.values),
        security_context=_security("InitContainer", root=True),
        volume_mount=[k8s.DeploymentV1SpecTemplateSpecInitContainerVolumeMount(name="app", mount_path=APP)],
    )


def _preparation(props: WebServiceProps, preparation: Preparation) -> k8s.DeploymentV1SpecTemplateSpecInitContainer:
    """No probe of any kind: nothing may end it half-way."""
    return k8s.DeploymentV1SpecTemplateSpecInitContainer(
        name=preparation.name,
        image=props.image,
        command=list(preparation.command),
        working_dir=APP,
        env=_variables("InitContainer", props.shared_env, props.secret_env),
        resources=_part("InitContainer", "Resources")(**props.size.values),
        security_context=_security("InitContainer"),
        volume_mount=_mounts("InitContainer", props),
    )


_Kind = Literal["Container", "InitContainer"]
"""The bindings have every part of a container twice: for the one and for the other."""


def _part(kind: _Kind, name: str) -> Any:
    return getattr(k8s, f"DeploymentV1SpecTemplateSpec{kind}{name}")


def _variables(kind: _Kind, env: Mapping[str, str], secret_env: Mapping[str, tuple[str, str]]) -> list[Any]:
    variable = _part(kind, "Env")
    source, reference = _part(kind, "EnvValueFrom"), _part(kind, "EnvValueFromSecretKeyRef")
    return [variable(name=name, value=value) for name, value in env.items()] + [
        variable(name=name, value_from=source(secret_key_ref=reference(name=secret, key=key)))
        for name, (secret, key) in secret_env.items()
    ]


def _security(kind: _Kind, *, root: bool = False) -> Any:
    return _part(kind, "SecurityContext")(
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        run_as_non_root=not root,
        run_as_user="0" if root else None,
        capabilities=_part(kind, "SecurityContextCapabilities")(drop=["ALL"]),
    )


def _mounts(kind: _Kind, props: WebServiceProps, *further: tuple[str, str, bool]) -> list[Any]:
    mounts = (
        *((name, path, True) for name, (_, path) in props.config_maps.items()),
        ("app", APP, False),
        ("tmp", "/tmp", False),  # noqa: S108 - a path in the container: a volume of the pod's own
        *further,
    )
    mount = _part(kind, "VolumeMount")
    return [mount(name=name, mount_path=path, read_only=read_only) for name, path, read_only in mounts]
