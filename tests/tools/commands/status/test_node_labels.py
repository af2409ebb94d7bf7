"""The labels of a pool's nodes: what this platform itself recommends to select by, and what GKE sets unasked."""

import re
from pathlib import Path

import pytest

from metaflow_gcp_tools.commands.status import node_labels

MINE = {"config": {"labels": {"team": "vision", "cloud.google.com/compute-class": "mine"}}}


def pool(machine_type="g2-standard-12", **config):
    return {"name": "gpu", "locations": ["us-west1-a"], "config": {"machineType": machine_type, **config}}


def gpu(**more):
    return {"accelerators": [{"acceleratorType": "nvidia-l4", "acceleratorCount": "1", **more}]}


@pytest.mark.parametrize(
    ("described", "selector"),
    [
        # What `GpuNodePool.node_selector` of the library says, for each of its options.
        (pool(**gpu()), {"cloud.google.com/gke-accelerator": "nvidia-l4"}),
        (
            pool(**gpu(), spot=True),
            {"cloud.google.com/gke-spot": "true", "cloud.google.com/gke-provisioning": "spot"},
        ),
        (pool(**gpu(), flexStart=True), {"cloud.google.com/gke-flex-start": "true"}),
        (pool(**gpu(gpuPartitionSize="1g.5gb")), {"cloud.google.com/gke-gpu-partition-size": "1g.5gb"}),
        (
            pool(**gpu(gpuSharingConfig={"gpuSharingStrategy": "TIME_SHARING", "maxSharedClientsPerGpu": "4"})),
            {
                "cloud.google.com/gke-gpu-sharing-strategy": "time-sharing",
                "cloud.google.com/gke-max-shared-clients-per-gpu": "4",
            },
        ),
        (
            pool(**gpu(gpuSharingConfig={"gpuSharingStrategy": "MPS", "maxSharedClientsPerGpu": "2"})),
            {"cloud.google.com/gke-gpu-sharing-strategy": "mps"},
        ),
        # Of the machine.
        (pool("t2a-standard-4"), {"kubernetes.io/arch": "arm64", "beta.kubernetes.io/arch": "arm64"}),
        (pool("custom-4-8192"), {"cloud.google.com/machine-family": "n1", "kubernetes.io/os": "linux"}),
        (pool(diskType="pd-ssd"), {"cloud.google.com/gke-boot-disk": "pd-ssd"}),
        # Not told by GKE's API: it proves nothing.
        (pool("z9-standard-4"), {"kubernetes.io/arch": "arm64"}),
        (pool(), {"cloud.google.com/gke-cpu-scaling-level": "12", "cloud.google.com/reservation-name": "mine"}),
    ],
)
def test_nodes_may_have(described, selector):
    labels = node_labels.of_pool(described)
    own = node_labels.own_names([described, MINE])
    assert all(node_labels.may_have(labels, key, value, own=own) for key, value in selector.items())


@pytest.mark.parametrize(
    ("described", "key", "value"),
    [
        (pool(**gpu()), "cloud.google.com/gke-accelerator", "nvidia-h100-80gb"),
        (pool(), "cloud.google.com/gke-accelerator", "nvidia-l4"),
        (pool(**gpu()), "cloud.google.com/gke-gpu-sharing-strategy", "mps"),
        (pool(**gpu()), "cloud.google.com/gke-gpu-partition-size", "1g.5gb"),
        (pool(), "cloud.google.com/gke-spot", "true"),
        (pool(), "kubernetes.io/arch", "arm64"),
        (pool(), "topology.kubernetes.io/zone", "us-west1-b"),
        # Another pool has it, so that it is no label of GKE's.
        (pool(), "team", "vision"),
    ],
)
def test_nodes_cannot_have(described, key, value):
    labels = node_labels.of_pool(described)
    assert not node_labels.may_have(labels, key, value, own=node_labels.own_names([described, MINE]))


def test_every_label_of_gke_s_that_this_repository_recommends_is_known():
    root = Path(__file__).parents[4]
    places = [*root.glob("constructs/src/**/*.py"), *root.glob("docs/*.md"), *root.glob("examples/**/*.py")]
    said = {
        label
        for place in [*places, root / "README.md", root / "config/example.toml"]
        for label in re.findall(r'"(cloud\.google\.com/gke-[a-z-]+)"', place.read_text("utf-8"))
    }
    assert "cloud.google.com/gke-max-shared-clients-per-gpu" in said
    assert said <= node_labels.of_pool(pool()).keys()
