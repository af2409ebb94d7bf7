"""apps: Deployments, StatefulSets and DaemonSets."""

from typing import Any

from rehearsal.cloud.kubernetes.defaults import unless_positive, unset
from rehearsal.cloud.kubernetes.kind import Kind, Made, State, Table
from rehearsal.protocol.values import UNKNOWN


def _pull_policy(container: State) -> Any:
    """Unless it is said: always, where the image has no tag or the tag `latest`."""
    if not unset(container.get("image_pull_policy")):
        return None
    name = str(container.get("image") or "").rsplit("/", 1)[-1]
    tag = name.partition("@")[0].partition(":")[2] or ("" if "@" in name else "latest")
    return "Always" if tag == "latest" else "IfNotPresent"


_HTTP = {"path": "/", "scheme": "HTTP"}
_HANDLER = {"http_get": _HTTP}
_PROBE = {
    "timeout_seconds": unless_positive("timeout_seconds", 1),
    "period_seconds": unless_positive("period_seconds", 10),
    "success_threshold": unless_positive("success_threshold", 1),
    "failure_threshold": unless_positive("failure_threshold", 3),
    "http_get": _HTTP,
}
_FIELD = {"field_ref": {"api_version": "v1"}}
_CONTAINER = {
    "image_pull_policy": _pull_policy,
    "termination_message_path": "/dev/termination-log",
    "termination_message_policy": "File",
    "port": {"protocol": "TCP"},
    "env": {"value_from": _FIELD},
    "lifecycle": {"post_start": _HANDLER, "pre_stop": _HANDLER},
    "liveness_probe": _PROBE,
    "readiness_probe": _PROBE,
    "startup_probe": _PROBE,
}
_FILES = {"items": _FIELD}
_POD: Table = {
    "dns_policy": "ClusterFirst",
    "restart_policy": "Always",
    "termination_grace_period_seconds": 30,
    "scheduler_name": "default-scheduler",
    "container": _CONTAINER,
    "init_container": _CONTAINER,
    "volume": {
        "secret": {"default_mode": "0644"},
        "config_map": {"default_mode": "0644"},
        "downward_api": {"default_mode": "0644", **_FILES},
        "projected": {
            "default_mode": "0644",
            "sources": {"service_account_token": {"expiration_seconds": 3600}, "downward_api": _FILES},
        },
    },
}
_ROLLING = Made(
    table={"max_unavailable": "25%", "max_surge": "25%"},
    when=lambda strategy: strategy.get("type") in (None, UNKNOWN, "RollingUpdate"),
)

KINDS = [
    Kind(
        type="kubernetes_deployment",
        pods="spec.template.",
        matched=True,
        quantities=frozenset({"limits", "requests", "size_limit", "divisor"}),
        defaults={
            "spec": {
                "replicas": "1",
                "revision_history_limit": 10,
                "progress_deadline_seconds": 600,
                "strategy": Made(table={"type": "RollingUpdate", "rolling_update": _ROLLING}),
                "template": {"spec": _POD},
            }
        },
    ),
    Kind(type="kubernetes_stateful_set", pods="spec.template.", matched=True),
    Kind(type="kubernetes_daemon_set", pods="spec.template.", matched=True),
]
