"""The workloads of the charts that are known, as their templates make them of values: what their pods need to start.

Of argo-workflows 0.47.5, argo-events 2.4.22 and jobset 0.11.1: templates/*/…-deployment.yaml of each. Their templates
themselves are not here; what no value changes is left out.
"""

from collections.abc import Iterator
from typing import Any

Manifest = dict[str, Any]

PORTS = {("argo-workflows", "server"): ("web", 2746), ("jobset", "controller"): ("webhook-server", 9443)}
"""What others reach. The rest is for metrics."""
_ACCOUNT_OF_JOBSET = "jobset-controller"


def objects(chart: str, app_version: str, release: str, namespace: str, values: Manifest) -> Iterator[Manifest]:
    """Deployments, their Services, and the accounts that a chart makes itself."""
    for part, of in values.items():
        if not (isinstance(of, dict) and "replicas" in of and of.get("enabled", True)):
            continue
        name = f"{release}-{of.get('name') or part}"
        labels = {"app.kubernetes.io/instance": release, "app.kubernetes.io/name": name}
        account, made = _account(of, name)
        if made:
            yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account, "namespace": namespace}}
        if _has_rights(of.get("rbac")):
            yield _all_rights(name, account, namespace)
        container = {
            "name": part,
            "image": _image(values, of.get("image") or {}, app_version),
            "resources": of.get("resources") or {},
            "securityContext": of.get("securityContext") or of.get("containerSecurityContext") or {},
        }
        if port := PORTS.get((chart, part)):
            container["ports"] = [{"name": port[0], "containerPort": port[1]}]
            yield _service(name, namespace, labels, port[0], int(of.get("servicePort") or 443))
        pod = {
            "serviceAccountName": account,
            "automountServiceAccountToken": True,
            "nodeSelector": of.get("nodeSelector") or {},
            "tolerations": of.get("tolerations") or [],
            "securityContext": of.get("podSecurityContext")
            or (values.get("global") or {}).get("securityContext")
            or {},
            "containers": [container],
        }
        yield {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name, "namespace": namespace, "labels": labels},
            "spec": {
                "replicas": of["replicas"],
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod},
            },
        }


def managed(values: Manifest) -> str | None:
    """The namespace that a controller is told to manage, if any."""
    controller = values.get("controller") or {}
    for argument in controller.get("extraArgs") or []:
        option, _, value = str(argument).partition("=")
        if option == "--managed-namespace":
            return value
    return (controller.get("rbac") or {}).get("managedNamespace") or None


def _account(part: Manifest, name: str) -> tuple[str, bool]:
    """Its name, and whether the chart makes it."""
    given = part.get("serviceAccount")
    if given is None:
        return _ACCOUNT_OF_JOBSET, True
    return str(given.get("name") or name), bool(given.get("create"))


def _has_rights(rbac: Manifest | None) -> bool:
    """Whether the chart gives it roles itself: they are taken to be what it needs."""
    return bool(rbac is None or rbac.get("create", rbac.get("enabled")))


def _all_rights(name: str, account: str, namespace: str) -> Manifest:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": f"{namespace}-{name}"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
    }


def _service(name: str, namespace: str, labels: Manifest, target: str, port: int) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": labels, "ports": [{"port": port, "targetPort": target}]},
    }


def _image(values: Manifest, own: Manifest, app_version: str) -> str:
    """The part's own, else what stands for all parts, else the chart's version."""
    everywhere = (values.get("global") or {}).get("image") or values.get("image") or {}
    repository = own.get("repository") or everywhere.get("repository")
    registry = f"{own['registry']}/" if own.get("registry") else ""
    tag = own.get("tag") or everywhere.get("tag") or (values.get("images") or {}).get("tag") or app_version
    return f"{registry}{repository}:{tag}"
