"""What we set in the chart argo-workflows. Needs no Node.

https://github.com/argoproj/argo-helm/tree/argo-workflows-0.47.5/charts/argo-workflows
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le, Unit

from metaflow_gcp.kubernetes.helm import values as helm_values
from metaflow_gcp.kubernetes.helm.values import Values
from metaflow_gcp.kubernetes.placement import Placement
from metaflow_gcp.kubernetes.size import Size
from metaflow_gcp.metaflow import ports

SERVER_SERVICE = "argo-workflows-server"
"""As the chart makes it of the release's name."""

SERVER_PODS = {"app.kubernetes.io/name": SERVER_SERVICE, "app.kubernetes.io/instance": "argo-workflows"}
"""The labels of the server's pods (templates/server/server-deployment.yaml)."""

CONTROLLER_PODS = {
    "app.kubernetes.io/name": "argo-workflows-workflow-controller",
    "app.kubernetes.io/instance": "argo-workflows",
}
"""The labels of the controller's pods (templates/controller/workflow-controller-deployment.yaml)."""

_METRICS = {
    # Without TLS of its own, which nobody could verify: a network policy says who may connect.
    "metricsConfig": {"enabled": True, "port": ports.ARGO_CONTROLLER_METRICS, "secure": False}
}

_DAY = 24 * 60 * 60
KeptSeconds = Annotated[int, Ge(0), Le(365 * _DAY), Unit("seconds")]
"""A year. What stays longer fills the cluster's own store (etcd): Metaflow keeps the record of the run."""
KEPT_AFTER_SUCCESS = 7 * _DAY
KEPT_AFTER_FAILURE = 14 * _DAY
"""Until somebody says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Of what runs at rest, and of the helpers that run beside tasks."""

    controller: Size = Size(cpu="50m", memory="128Mi", memory_limit="512Mi")
    server: Size = Size(cpu="25m", memory="96Mi", memory_limit="256Mi")
    executor: Size = Size(cpu="10m", memory="64Mi", memory_limit="256Mi")
    """`init` and `wait` in each pod of a workflow. It holds kubectl for templates that make resources (`@parallel`)."""


def values(
    *,
    jobs_namespace: str,
    config_map: str,
    controller_account: str,
    server_account: str,
    executor_account: str,
    seconds_after_success: int,
    seconds_after_failure: int,
    sizes: Sizes,
    placement: Placement,
    shown_without_token: bool = False,
    metrics: bool = False,
) -> Values:
    """The whole document."""
    # `--namespaced` comes with singleNamespace; without it this one is ignored.
    one_namespace = [f"--managed-namespace={jobs_namespace}"]
    everywhere = {
        **helm_values.placed(placement),
        "podSecurityContext": helm_values.pod_security(),
        "securityContext": helm_values.container_security(),
        # Cloud Logging reads severity and message out of JSON.
        "logging": {"format": "json"},
        "extraArgs": one_namespace,
        "clusterWorkflowTemplates": {"enabled": False},
        "revisionHistoryLimit": 3,
    }
    return {
        "singleNamespace": True,
        "images": {"pullPolicy": helm_values.PULL_POLICY},
        # Nothing is left after a destroy. Kept, they would stand in the way of the next release, which is another one.
        "crds": {"install": True, "keep": False},
        # Would let everyone with `edit` in any namespace make workflows.
        "createAggregateRoles": False,
        # The chart's Role would stand in the controller's namespace. Tasks are elsewhere.
        "workflow": {"serviceAccount": {"create": False}, "rbac": {"create": False}},
        "controller": {
            **everywhere,
            "resources": sizes.controller.values,
            "rbac": {"create": False},
            "serviceAccount": {"create": False, "name": controller_account},
            "configMap": {"name": config_map},
            **(_METRICS if metrics else {}),
            "workflowDefaults": {
                "spec": {
                    "ttlStrategy": {
                        "secondsAfterSuccess": seconds_after_success,
                        "secondsAfterFailure": seconds_after_failure,
                    },
                    # Metaflow keeps the logs of every task in the bucket: what succeeded need not stay. What failed
                    # does, for `kubectl describe`, as long as its workflow.
                    "podGC": {"strategy": "OnPodSuccess"},
                    # The account whose token Argo mounts into its own containers: `init` and `wait`, which report to
                    # Kubernetes, and the one that makes the JobSet of a @parallel step
                    # (workflow/controller/workflowpod.go, newExecContainer).
                    "executor": {"serviceAccountName": executor_account},
                    # The task's own container gets none. `true` would do nothing: Argo hands on `false` only, and
                    # leaves the rest to the pod's account (setupServiceAccount).
                    "automountServiceAccountToken": False,
                    # For pods that Metaflow gives no account. They hold none of its code: what makes a JobSet, and
                    # Argo's agent.
                    "serviceAccountName": executor_account,
                }
            },
        },
        "server": {
            **everywhere,
            "resources": sizes.server.values,
            "rbac": {"create": False},
            "serviceAccount": {"create": False, "name": server_account},
            "serviceType": "ClusterIP",
            "servicePort": ports.ARGO_SERVER,
            # Each person with their own token, and so their own rights: who can forward the port is nobody yet. Who
            # passed Google's sign-in may look without one: as the server itself, which only reads.
            "authModes": ["client", "server"] if shown_without_token else ["client"],
            # The forward is encrypted, and nobody else can connect.
            "secure": False,
            "ingress": {"enabled": False},
        },
        "executor": {
            "resources": sizes.executor.values,
            # Not as nobody: it shares files with a task, whose image most often runs as root.
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "seccompProfile": {"type": "RuntimeDefault"},
            },
        },
        # No `mainContainer`: Argo merges it into each task's container (workflow/controller/workflowpod.go,
        # createWorkflowPod). Metaflow gives requests without limits, and a limit from here below its request makes
        # Kubernetes refuse the pod; so does a request from here above a task's own limit.
        "extraObjects": [token(jobs_namespace, executor_account)],
    }


def token(namespace: str, account: str) -> Values:
    """A token of the account, under the name by which Argo looks for it (util/secrets/secret_name.go).

    Made by the chart and not by Terraform, which would keep the token in its state.
    """
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/service-account-token",
        "metadata": {
            "namespace": namespace,
            "name": f"{account}.service-account-token",
            "annotations": {"kubernetes.io/service-account.name": account},
        },
    }
