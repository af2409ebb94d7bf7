"""Which nodes take a pod, in the scheduler's words."""

import pytest

from rehearsal.cloud.kubernetes.scheduling import event, requests

SYSTEM = {"metaflow-gcp/pool": "system"}
TAINT = {"key": "components.gke.io/gke-managed-components", "value": "true", "effect": "NO_SCHEDULE"}
TOLERATION = {"key": TAINT["key"], "value": "true", "operator": "Equal", "effect": "NoSchedule"}


def container(**requests):
    return {"name": "c", "resources": [{"requests": requests}]}


@pytest.fixture
def says(cloud, google, network):
    """What the scheduler says of a pod in a cluster with one pool."""

    def says(pod, **cluster):
        made = google.create(
            "google_container_cluster",
            name="main",
            location="us-west1",
            remove_default_node_pool=True,
            initial_node_count=1,
            **network,
            **cluster,
        )
        config = {"machine_type": "e2-standard-2", "labels": SYSTEM, "taint": [TAINT]}
        google.create(
            "google_container_node_pool", name="system", cluster="main", location="us-west1", node_config=config
        )
        [key] = [each.key for each in cloud.all("google_container_cluster")]
        assert made["name"] == "main"
        found = event(cloud, key, pod)
        return found and str(found)

    return says


GOOD = {"node_selector": SYSTEM, "toleration": [TOLERATION], "container": [container(cpu="1", memory="4Gi")]}


def test_a_pod_that_fits(says):
    assert says(GOOD) is None


@pytest.mark.parametrize(
    ("pod", "reason"),
    [
        ({"node_selector": {"metaflow-gcp/pool": "systems"}}, "1 node(s) didn't match Pod's node affinity/selector"),
        ({"toleration": []}, "1 node(s) had untolerated taint {components.gke.io/gke-managed-components: true}"),
        ({"toleration": [TOLERATION | {"value": "false"}]}, "1 node(s) had untolerated taint"),
        ({"toleration": [{"key": TAINT["key"], "operator": "Exists", "effect": "NoExecute"}]}, "untolerated taint"),
        ({"container": [container(cpu="2")]}, "1 Insufficient cpu"),
        ({"container": [container(memory="4Gi"), container(memory="4Gi")]}, "1 Insufficient memory"),
        ({"init_container": [container(memory="7Gi")]}, "1 Insufficient memory"),
        ({"node_selector": {"kubernetes.io/arch": "arm64"}}, "1 node(s) didn't match"),
    ],
)
def test_a_pod_that_no_node_takes(says, pod, reason):
    said = says(GOOD | pod)
    assert said.startswith("FailedScheduling: 0/1 nodes are available: ")
    assert reason in said


def test_a_toleration_of_everything(says):
    assert says(GOOD | {"toleration": [{"operator": "Exists"}]}) is None


AUTO = {
    "enabled": True,
    "resource_limits": [{"resource_type": "cpu", "maximum": 8}, {"resource_type": "memory", "maximum": 32}],
}


@pytest.mark.parametrize(
    ("pod", "taken"),
    [
        ({"container": [container(cpu="4")]}, True),
        ({"container": [container(cpu="9")]}, False),
        ({"node_selector": {"dedicated": "ml"}, "container": [container(cpu="1")]}, False),
        ({"node_selector": {"dedicated": "ml"}, "toleration": [{"key": "dedicated", "value": "ml"}]}, True),
    ],
)
def test_gke_makes_a_pool_for_what_fits_in_none(says, pod, taken):
    """Within its limits, and for a label of ours only where the pod tolerates a taint of that name."""
    assert (says(pod, cluster_autoscaling=AUTO) is None) is taken


def test_what_a_pod_requests():
    pod = {"container": [container(cpu="1"), container(cpu="500m")], "init_container": [container(cpu="2")]}
    assert requests(pod) == {"cpu": 2}
    limited = {"container": [{"resources": [{"limits": {"memory": "1Gi"}}]}]}
    assert requests(limited) == {"memory": 2**30}
