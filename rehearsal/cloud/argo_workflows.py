"""What Argo Workflows 3.7 makes of its configuration: whether the pods of workflows are admitted, and can report.

https://github.com/argoproj/argo-workflows/blob/v3.7.11/workflow/controller/workflowpod.go
"""

import re
from typing import Any

from rehearsal.cloud.kubernetes.names import named
from rehearsal.cloud.model import Cloud, Key
from rehearsal.protocol.errors import Refused

CHART = "argo-workflows"


def check(cloud: Cloud, cluster: Key, values: dict[str, Any], namespace: str) -> None:
    """Refuses a release with which no workflow of Metaflow's would run. `values`: all, with the chart's own."""
    _check_resources(values)
    _check_token(cloud, cluster, values, _managed(values, namespace))


def _check_resources(values: dict[str, Any]) -> None:
    """Argo merges `mainContainer` into each task's container, attribute by attribute (createWorkflowPod).

    Metaflow gives each container requests and, by default, no limits: its own default request is 4096M.
    """
    limits = ((values.get("mainContainer") or {}).get("resources") or {}).get("limits") or {}
    if limits:
        raise Refused(
            "Pods of workflows are invalid: spec.containers[1].resources.requests: must be less than or equal to the "
            f"limits that mainContainer.resources gives: {limits}",
            "Metaflow sets requests without limits: take limits out of mainContainer.resources.",
            path=("values",),
        )


def _check_token(cloud: Cloud, cluster: Key, values: dict[str, Any], namespace: str) -> None:
    """`init` and `wait` talk to Kubernetes: from their own account's Secret, or with the token of the pod's account.

    Argo hands on `automountServiceAccountToken` only when it is false (setupServiceAccount).
    """
    spec = (values["controller"].get("workflowDefaults") or {}).get("spec") or {}
    executor = (spec.get("executor") or {}).get("serviceAccountName")
    if executor:
        name = f"{executor}.service-account-token"
        secret = named(cloud, cluster, "secret", namespace, name)
        if named(cloud, cluster, "service_account", namespace, executor) is None:
            raise Refused(f'Pods of workflows do not start: serviceaccounts "{executor}" not found in {namespace}')
        if secret is None or secret.state.get("type") != "kubernetes.io/service-account-token":
            raise Refused(
                f'Pods of workflows do not start: MountVolume.SetUp failed for volume "exec-sa-token": secret "{name}" '
                f"of the type kubernetes.io/service-account-token not found in {namespace}"
            )
    elif spec.get("automountServiceAccountToken") is False:
        raise Refused("executor.serviceAccountName must not be empty if automountServiceAccountToken is false")
    elif not _has_token(cloud, cluster, spec, namespace):
        raise Refused(
            f"Containers init and wait of workflows end with: invalid configuration: no configuration has been "
            f"provided: the account {spec['serviceAccountName']} gives its pods no token",
            "Argo hands on automountServiceAccountToken only when it is false: set executor.serviceAccountName.",
            path=("values",),
        )


def _has_token(cloud: Cloud, cluster: Key, spec: dict[str, Any], namespace: str) -> bool:
    if re.search(r"automountServiceAccountToken\W+true", str(spec.get("podSpecPatch"))):
        return True
    account = named(cloud, cluster, "service_account", namespace, spec.get("serviceAccountName") or "default")
    return account is None or account.state.get("automount_service_account_token") is not False


def _managed(values: dict[str, Any], namespace: str) -> str:
    """Where workflows run: the release's own namespace, unless the controller is told another."""
    for argument in values["controller"].get("extraArgs") or []:
        option, _, value = str(argument).partition("=")
        if option == "--managed-namespace":
            return value
    return namespace
