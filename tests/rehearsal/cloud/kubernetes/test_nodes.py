"""Pods that no node of theirs can run, and volumes that none can have."""

import json

import pytest

from rehearsal.protocol.errors import Refused
from tests.rehearsal.cloud.kubernetes.test_manifests import EVENTS

SYSTEM = {"metaflow-gcp/pool": "system"}


@pytest.fixture
def pool(google, cluster):
    def pool(machine, disk):
        google.create(
            "google_container_node_pool",
            name="system",
            cluster="main",
            location="us-west1",
            node_config={"machine_type": machine, "disk_type": disk, "labels": SYSTEM},
        )

    return pool


@pytest.fixture
def bus(helm, tmp_path):
    """Releases an event bus on the system pool."""
    folder = tmp_path / "bus"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text('apiVersion: v2\nname: bus\nversion: "1.0.0"\n')

    def bus(storage_class):
        jetstream = {"persistence": {"storageClassName": storage_class}, "nodeSelector": SYSTEM}
        manifest = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "EventBus",
            "metadata": {"name": "default"},
            "spec": {"jetstream": jetstream},
        }
        (folder / "templates/bus.yaml").write_text(json.dumps(manifest))
        helm.create("helm_release", **EVENTS)
        return helm.create("helm_release", name="bus", namespace="jobs", chart=str(folder))

    return bus


def test_a_disk_that_the_machines_take(pool, bus):
    pool("e2-standard-2", "pd-balanced")
    assert bus("standard-rwo")["status"] == "deployed"


def test_a_disk_that_the_machines_do_not_take(pool, bus):
    pool("n4-standard-2", "hyperdisk-balanced")
    with pytest.raises(Refused, match="context deadline exceeded") as refused:
        bus("standard-rwo")
    assert "pd-balanced disk type cannot be used by n4-standard-2 machine type" in refused.value.problem.detail


def test_a_class_of_our_own(pool, bus, kubernetes):
    pool("n4-standard-2", "hyperdisk-balanced")
    kubernetes.create(
        "kubernetes_storage_class_v1",
        metadata={"name": "hyperdisk"},
        storage_provisioner="pd.csi.storage.gke.io",
        parameters={"type": "hyperdisk-balanced"},
    )
    assert bus("hyperdisk")["status"] == "deployed"


def test_a_class_that_is_not_there(pool, bus):
    pool("n4-standard-2", "hyperdisk-balanced")
    with pytest.raises(Refused) as refused:
        bus("hyperdisk")
    assert 'storageclass.storage.k8s.io "hyperdisk" not found' in refused.value.problem.detail


@pytest.mark.parametrize(("machine", "starts"), [("e2-standard-2", True), ("t2a-standard-2", False)])
def test_images_for_another_processor(pool, kubernetes, machine, starts):
    pool(machine, "pd-balanced")
    pods = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"node_selector": SYSTEM, "container": [{"name": "a", "image": "a"}]},
    }

    def create():
        kubernetes.create(
            "kubernetes_deployment_v1",
            metadata={"name": "web", "namespace": "jobs"},
            spec={"selector": {"match_labels": {"app": "web"}}, "template": pods},
        )

    if starts:
        create()
    else:
        with pytest.raises(Refused, match=r"untolerated taint \{kubernetes.io/arch: arm64\}"):
            create()
