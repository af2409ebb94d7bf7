"""What each account of Argo Workflows may do.

Files are those of https://github.com/argoproj/argo-workflows/tree/v3.7.11
"""

from metaflow_gcp.namespace_role import Rule, rule

CONFIG_MAP = "workflow-controller-configmap"
"""The controller's configuration, in its own namespace."""


def _read_config(*verbs: str) -> tuple[Rule, ...]:
    return (rule("", ["configmaps"], ["get", *verbs], [CONFIG_MAP]),)


CONTROLLER_CONFIG = _read_config("list", "watch")

SERVER_CONFIG = _read_config()

_ARGO = "argoproj.io"

CONTROLLER = (
    rule("", ["pods"], ["create", "get", "list", "watch", "update", "patch", "delete"]),
    # How it stops a container.
    rule("", ["pods/exec"], ["create"]),
    # Semaphores, and parameters read from config maps.
    rule("", ["configmaps"], ["get", "list", "watch"]),
    rule("", ["persistentvolumeclaims", "persistentvolumeclaims/finalizers"], ["create", "get", "update", "delete"]),
    rule("", ["events"], ["create", "patch"]),
    # It asks for the executor's account to find its token: getServiceAccountTokenName in
    # workflow/controller/operator.go.
    rule("", ["serviceaccounts"], ["get", "list"]),
    rule("policy", ["poddisruptionbudgets"], ["create", "get", "delete"]),
    rule(
        _ARGO,
        [
            "workflows",
            "workflows/finalizers",
            "workflowtasksets",
            "workflowtasksets/finalizers",
            "workflowtasksets/status",
            "workflowartifactgctasks",
        ],
        ["create", "get", "list", "watch", "update", "patch", "delete"],
    ),
    rule(_ARGO, ["workflowtemplates", "workflowtemplates/finalizers"], ["get", "list", "watch"]),
    rule(_ARGO, ["workflowtaskresults", "workflowtaskresults/finalizers"], ["list", "watch", "deletecollection"]),
    rule(_ARGO, ["cronworkflows", "cronworkflows/finalizers"], ["get", "list", "watch", "update", "patch", "delete"]),
)
"""No Secrets: Metaflow's workflows use no HTTP templates and no artifacts of Argo's."""

SERVER = (rule(_ARGO, ["workflows", "workflowtemplates"], ["get", "list", "watch"]),)
"""What it keeps in memory. Everything else it does as the person who is signed in."""

EXECUTOR = (rule(_ARGO, ["workflowtaskresults"], ["create", "patch"]),)
"""`init` and `wait` report how a task went (workflow/executor/taskresult.go); without it workflows stay Running."""
