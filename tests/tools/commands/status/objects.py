"""Objects of Kubernetes', as a cluster with the platform in it has them."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from kubernetes.client import ApiClient

JOBS = "metaflow-jobs"


def at(*, minutes_ago: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def metadata(name: str, namespace: str | None, **more: Any) -> dict[str, Any]:
    there = {"namespace": namespace} if namespace else {}
    return {"name": name, **there, "creationTimestamp": at(minutes_ago=30), **more}


def container_status(
    name: str, *, ready: bool = True, restarts: int = 0, last: Any = None, **state: Any
) -> dict[str, Any]:
    """`state`: one of running, waiting, terminated."""
    return {
        "name": name,
        "image": f"registry.example/{name}:1.0",
        "imageID": "",
        "ready": ready,
        "restartCount": restarts,
        "state": state or {"running": {"startedAt": at(minutes_ago=20)}},
        "lastState": {"terminated": last} if last else {},
    }


def terminated(code: int, reason: str = "Error", message: str = "", *, minutes_ago: float = 5) -> dict[str, Any]:
    said = {"message": message} if message else {}
    return {"exitCode": code, "reason": reason, "finishedAt": at(minutes_ago=minutes_ago), **said}


def pod(
    name: str,
    namespace: str,
    *,
    owner: tuple[str, str] | None = None,
    labels: dict[str, str] | None = None,
    phase: str = "Running",
    ready: bool = True,
    containers: list[dict[str, Any]] | None = None,
    init: list[dict[str, Any]] | None = None,
    node: str | None = "node-1",
    conditions: list[dict[str, Any]] | None = None,
    image: str = "registry.example/main:1.0",
    **spec: Any,
) -> dict[str, Any]:
    references = []
    if owner:
        references = [{"apiVersion": "v1", "kind": owner[0], "name": owner[1], "uid": "1", "controller": True}]
    there = {"nodeName": node} if node else {}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata(name, namespace, labels=labels or {}, ownerReferences=references),
        "spec": {"containers": [{"name": "main", "image": image}], **there, **spec},
        "status": {
            "phase": phase,
            "conditions": conditions or [{"type": "Ready", "status": "True" if ready else "False"}],
            "containerStatuses": containers or [],
            "initContainerStatuses": init or [],
        },
    }


def task(name: str, *, kind: str = "Job", **more: Any) -> dict[str, Any]:
    """A pod that waits for a node."""
    unscheduled = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": more.pop("message", "0/1 nodes are available: 1 Insufficient cpu."),
    }
    defaults = {"phase": "Pending", "node": None, "conditions": [unscheduled]}
    return pod(name, JOBS, owner=(kind, name.rpartition("-")[0]), **{**defaults, **more})


def deployment(
    name: str, namespace: str, *, replicas: int = 1, image: str, labels: dict[str, str] | None = None
) -> dict[str, Any]:
    app = {"app.kubernetes.io/name": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(name, namespace, labels={**app, **(labels or {})}),
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": app},
            "template": {"metadata": {"labels": app}, "spec": {"containers": [{"name": "main", "image": image}]}},
        },
    }


def service(name: str, namespace: str, selector: dict[str, str], port: int) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(name, namespace),
        "spec": {"selector": selector, "ports": [{"port": port}]},
    }


def event(
    about: str, reason: str, message: str, *, namespace: str = JOBS, kind: str = "Pod", minutes_ago: float = 1
) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": metadata(f"{about}.{reason}.{minutes_ago}", namespace),
        "involvedObject": {"kind": kind, "namespace": namespace, "name": about},
        "reason": reason,
        "message": message,
        "lastTimestamp": at(minutes_ago=minutes_ago),
    }


def node(name: str, pool: str, *, ready: bool = True) -> dict[str, Any]:
    said = {} if ready else {"message": "Kubelet stopped posting node status."}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": metadata(name, None, labels={"cloud.google.com/gke-nodepool": pool}),
        "status": {"conditions": [{"type": "Ready", "status": "True" if ready else "Unknown", **said}]},
    }


def job(name: str, **status: Any) -> dict[str, Any]:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(name, JOBS),
        "spec": {
            "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "python:3.11"}]}}
        },
        "status": status,
    }


def workflow(name: str, *nodes: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "Workflow",
        "metadata": metadata(name, JOBS, labels={"workflows.argoproj.io/phase": "Running"}),
        "status": {"nodes": {str(number): each for number, each in enumerate(nodes)}},
    }


def replica(deployed: str, namespace: str, **more: Any) -> dict[str, Any]:
    """A pod of a Deployment, which runs unless told otherwise."""
    labels = {"app.kubernetes.io/name": deployed, "pod-template-hash": "abc12"}
    return pod(f"{deployed}-abc12-xyz", namespace, owner=("ReplicaSet", f"{deployed}-abc12"), labels=labels, **more)


def typed(each: dict[str, Any]) -> Any:
    """The object as Kubernetes' client gives it to us."""
    kind = "CoreV1Event" if each["kind"] == "Event" else f"V1{each['kind']}"
    with ApiClient() as client:
        return client.deserialize(SimpleNamespace(data=json.dumps(each)), kind)
