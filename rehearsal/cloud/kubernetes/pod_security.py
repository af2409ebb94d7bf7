"""Pod Security admission: what the level that a namespace enforces says against a pod.

Checks and words are those of Kubernetes 1.34 (staging/src/k8s.io/pod-security-admission/policy).
"""

from collections.abc import Iterator
from typing import Any

from rehearsal.cloud.kubernetes.events import Event
from rehearsal.cloud.kubernetes.names import metadata
from rehearsal.cloud.model import Cloud, Key
from rehearsal.protocol.walk import first

LABEL = "pod-security.kubernetes.io/enforce"
_ADDED = frozenset(
    (
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    )
)
_VOLUMES = frozenset(
    {"config_map", "csi", "downward_api", "empty_dir", "ephemeral", "persistent_volume_claim", "projected", "secret"}
)


def event(cloud: Cloud, cluster: Key, namespace: str, pod: Any) -> Event | None:
    """The controller's warning: the API server makes no such pod."""
    found = cloud.get(Key("kubernetes_namespace", cluster.id, namespace))
    level = (metadata(found.state).get("labels") or {}).get(LABEL) if found else None
    against = list(_baseline(pod)) if level in ("baseline", "restricted") else []
    if level == "restricted":
        against += _restricted(pod)
    if not against:
        return None
    said = ", ".join(against)
    return Event(reason="FailedCreate", message=f'pods are forbidden: violates PodSecurity "{level}:latest": {said}')


def _baseline(pod: Any) -> Iterator[str]:
    for name, said in (("host_network", "hostNetwork"), ("host_pid", "hostPID"), ("host_ipc", "hostIPC")):
        if pod.get(name) is True:
            yield f"host namespaces ({said}=true)"
    for volume in pod.get("volume") or []:
        if volume.get("host_path"):
            yield f'hostPath volumes (volume "{volume["name"]}")'
    if first(pod, "security_context.seccomp_profile.type") == "Unconfined":
        yield "seccompProfile (pod must not set securityContext.seccompProfile.type to Unconfined)"
    for each in _containers(pod):
        yield from _baseline_of(each)


def _baseline_of(container: Any) -> Iterator[str]:
    name, context = f'container "{container["name"]}"', first(container, "security_context") or {}
    if first(context, "privileged") is True:
        yield f"privileged ({name} must not set securityContext.privileged=true)"
    if too_many := set(first(context, "capabilities.add") or []) - _ADDED:
        yield f"non-default capabilities ({name} must not include {sorted(too_many)} in capabilities.add)"
    if first(context, "seccomp_profile.type") == "Unconfined":
        yield f"seccompProfile ({name} must not set it to Unconfined)"
    for port in container.get("port") or []:
        if port.get("host_port"):
            yield f"hostPort ({name} uses hostPort {port['host_port']})"


def _restricted(pod: Any) -> Iterator[str]:
    for volume in pod.get("volume") or []:
        sorts = {name for name, value in volume.items() if name != "name" and value}
        if sorts - _VOLUMES:
            yield f'restricted volume types (volume "{volume["name"]}" uses {", ".join(sorted(sorts - _VOLUMES))})'
    for each in _containers(pod):
        yield from _restricted_of(each, first(pod, "security_context") or {})


def _restricted_of(container: Any, of_pod: Any) -> Iterator[str]:
    name, context = f'container "{container["name"]}"', first(container, "security_context") or {}

    def of(path: str) -> Any:
        own = first(context, path)
        return own if own not in (None, "") else first(of_pod, path)

    if first(context, "allow_privilege_escalation") is not False:
        yield f"allowPrivilegeEscalation != false ({name} must set securityContext.allowPrivilegeEscalation=false)"
    if "ALL" not in (first(context, "capabilities.drop") or []):
        yield f'unrestricted capabilities ({name} must set securityContext.capabilities.drop=["ALL"])'
    if set(first(context, "capabilities.add") or []) - {"NET_BIND_SERVICE"}:
        yield f"unrestricted capabilities ({name} must not add any)"
    if of("run_as_non_root") is not True:
        yield f"runAsNonRoot != true ({name} must set securityContext.runAsNonRoot=true)"
    if str(of("run_as_user")) == "0":
        yield f"runAsUser=0 ({name} must not set runAsUser=0)"
    if of("seccomp_profile.type") not in ("RuntimeDefault", "Localhost"):
        yield f"seccompProfile ({name} must set it to RuntimeDefault or Localhost)"


def _containers(pod: Any) -> list[Any]:
    return [*(pod.get("init_container") or []), *(pod.get("container") or [])]
