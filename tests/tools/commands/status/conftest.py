"""A healthy platform, in a stand-in for Kubernetes and one for Google's API."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from metaflow_gcp_tools.clients import google as google_apis, kubernetes as kubernetes_api
from metaflow_gcp_tools.commands.status import check, show
from metaflow_gcp_tools.platform.description import Platform
from tests.tools.commands.status.objects import (
    JOBS,
    container_status,
    deployment,
    metadata,
    node,
    pod,
    replica,
    service,
    terminated,
)
from tests.tools.commands.status.stand_in_kubernetes import CONTEXT, StandInKubernetes
from tests.tools.stand_in_google import StandInGoogle

METADATA_IMAGE = "us-west1-docker.pkg.dev/acme-metaflow/hub/netflixoss/metaflow_metadata_service:v2.5.0"

PLATFORM: dict[str, Any] = {
    "kind": "PlatformDescription",
    "version": 1,
    "project": "acme-metaflow",
    "environment": "default",
    "bucket": "storage-acme-acme-metaflow-metaflow-default",
    "cluster_name": "gke-metaflow-default",
    "cluster_location": "us-west1",
    "cluster_dns_endpoint": "gke-0123.us-west1.gke.goog",
    "images": "us-west1-docker.pkg.dev/acme-metaflow/artifact-acme-acme-metaflow-metaflow-default",
    "services_namespace": "metaflow",
    "jobs_namespace": JOBS,
    "forwards": [
        {"name": "metadata-service", "namespace": "metaflow", "service": "metadata-service", "port": 8080},
        {"name": "metaflow-ui", "namespace": "metaflow", "service": "metaflow-ui", "port": 8083},
        {"name": "argo-server", "namespace": "argo", "service": "argo-workflows-server", "port": 2746},
        {"name": "events", "namespace": JOBS, "service": "argo-events-webhook-eventsource-svc", "port": 12000},
    ],
}

GKE: dict[str, Any] = {
    "name": "gke-metaflow-default",
    "status": "RUNNING",
    "currentMasterVersion": "1.33.5-gke.1080000",
    "autoscaling": {
        "enableNodeAutoprovisioning": True,
        "resourceLimits": [
            {"resourceType": "cpu", "maximum": "178"},
            {"resourceType": "memory", "maximum": "712"},
            {"resourceType": "nvidia-l4", "maximum": "5"},
        ],
    },
    "nodePools": [
        {
            "name": "system",
            "status": "RUNNING",
            "locations": ["us-west1-a", "us-west1-b"],
            "config": {"machineType": "e2-standard-2", "labels": {"metaflow-gcp/pool": "system"}},
            "autoscaling": {"enabled": True, "totalMinNodeCount": 1, "totalMaxNodeCount": 3},
        },
        {
            "name": "l4",
            "status": "RUNNING",
            "locations": ["us-west1-a", "us-west1-b"],
            "config": {
                "machineType": "g2-standard-12",
                "accelerators": [{"acceleratorType": "nvidia-l4", "acceleratorCount": "1"}],
            },
            "autoscaling": {"enabled": True, "totalMaxNodeCount": 5},
        },
    ],
}
"""What `projects.locations.clusters.get` answers."""


def migrated(**state: Any) -> dict[str, Any]:
    """The metadata service's init container that migrates the database."""
    return container_status("migrate", **(state or {"terminated": terminated(0, "Completed", minutes_ago=25)}))


def healthy() -> StandInKubernetes:
    """The services of the platform, and one task that runs."""
    cluster = StandInKubernetes()
    for name, namespace, image, port, chart in (
        ("metadata-service", "metaflow", METADATA_IMAGE, 8080, None),
        ("metaflow-ui", "metaflow", METADATA_IMAGE, 8083, None),
        ("argo-workflows-server", "argo", "quay.io/argoproj/argocli:v3.7.11", 2746, "argo-workflows-0.47.5"),
    ):
        labels = {"helm.sh/chart": chart} if chart else {}
        cluster.add(
            deployment(name, namespace, image=image, labels=labels),
            service(name, namespace, {"app.kubernetes.io/name": name}, port),
            replica(
                name,
                namespace,
                image=image,
                containers=[container_status("main")],
                init=[migrated()] if name == "metadata-service" else [],
            ),
        )
    bus = {"eventsource-name": "argo-events-webhook"}
    cluster.add(
        service("argo-events-webhook-eventsource-svc", JOBS, bus, 12000),
        pod(
            "events-abc12-xyz", JOBS, owner=("ReplicaSet", "events-abc12"), labels={**bus, "pod-template-hash": "abc12"}
        ),
        {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": metadata("eventbus-default-js", JOBS),
            "spec": {
                "replicas": 1,
                "serviceName": "eventbus",
                "selector": {"matchLabels": {"bus": "default"}},
                "template": {
                    "metadata": {"labels": {"bus": "default"}},
                    "spec": {"containers": [{"name": "main", "image": "nats:2.10.10"}]},
                },
            },
        },
        pod("eventbus-default-js-0", JOBS, owner=("StatefulSet", "eventbus-default-js"), labels={"bus": "default"}),
        pod("train-1", JOBS, owner=("Job", "train")),
        pod("done-1", JOBS, owner=("Job", "done"), phase="Succeeded", ready=False),
        node("node-1", "system"),
    )
    return cluster


@dataclass
class World:
    """Both stand-ins, and the command that asks them."""

    run: Callable[..., Any]
    home: Path
    kubernetes: StandInKubernetes = field(default_factory=healthy)
    google: StandInGoogle = field(default_factory=StandInGoogle)
    platform: dict[str, Any] = field(default_factory=lambda: PLATFORM)

    def status(self, *arguments: str, **environment: str) -> Any:
        with self.serving() as served:
            return self.run("status", *arguments, **{**served, **environment})

    def check(self, *without: str) -> check.Status:
        """The same, without the program around it, and without these environment variables."""
        with self.serving() as served, pytest.MonkeyPatch.context() as environment:
            for name, value in {**served, "HOME": str(self.home), "NO_GCE_CHECK": "true"}.items():
                environment.setenv(name, value)
            for name in without:
                environment.delenv(name)
            google_apis.credentials.cache_clear()
            with kubernetes_api.client(CONTEXT) as api:
                return check.check(Platform.parse(json.dumps(self.platform), "the test"), api)

    def shown(self) -> list[str]:
        """What people are shown of it: lines, without the space between columns."""
        file = io.StringIO()
        show.show(Console(file=file, width=150, soft_wrap=True, markup=False), self.check())
        return [" ".join(line.split()) for line in file.getvalue().splitlines()]

    @contextmanager
    def serving(self) -> Iterator[dict[str, str]]:
        with self.kubernetes.serving() as kubeconfig, self.google.serving() as google:
            file = self.home / "kubeconfig"
            file.write_text(kubeconfig)
            yield {**google, "KUBECONFIG": str(file)}


@pytest.fixture
def world(run, environment) -> World:
    home = Path(environment["HOME"])
    described = home / ".metaflowconfig/metaflow-gcp/default.json"
    described.parent.mkdir(parents=True)
    described.write_text(json.dumps(PLATFORM))
    world = World(run, home)
    world.google.use("container", "v1")
    world.google.answer("container.projects.locations.clusters.get", GKE)
    return world
