"""Workloads that are made and never become ready: what the provider says, and what a person sees."""

import pytest

from rehearsal.cloud.kubernetes.pod_security import LABEL
from rehearsal.protocol.errors import Refused
from tests.rehearsal.cloud.kubernetes.shapes import about, deployment

TYPE = "kubernetes_deployment_v1"
PORT = [{"container_port": 8080, "name": "http"}]


def probe(port):
    return {"container": {"port": PORT, "readiness_probe": {"http_get": {"port": port}}}}


@pytest.fixture
def waits(kubernetes):
    """What the provider says in the end, and the events."""

    def waits(given=None, **pod):
        with pytest.raises(Refused) as refused:
            kubernetes.create(TYPE, **(given or deployment(**pod)))
        assert refused.value.state["metadata"][0]["name"] == "app"
        return refused.value.problem.summary, refused.value.problem.detail

    return waits


NOT_READY = "Waiting for rollout to finish: 1 replicas wanted; 0 replicas Ready"
NO_PODS = "Waiting for rollout to finish: 0 out of 1 new replicas have been updated..."


@pytest.mark.parametrize(
    ("pod", "event"),
    [
        (probe("https"), "Unhealthy: Readiness probe errored: couldn't find port: https"),
        (
            probe(9999),
            "Unhealthy: Readiness probe failed: dial tcp: connect: connection refused: container c opens 8080",
        ),
        ({"container": {"image": "nats:0.0.1"}}, "ErrImagePull: failed to pull and unpack image"),
        ({"container": {"resources": {"requests": {"cpu": "64"}}}}, "FailedScheduling: 0/1 nodes are available"),
        ({"node_selector": {"pool": "none"}}, "FailedScheduling: 0/1 nodes are available: 1 node(s) didn't match"),
    ],
)
def test_pods_that_do_not_become_ready(waits, pod, event):
    said, seen = waits(**pod)
    assert said == NOT_READY
    assert f"Warning  {event}" in seen


def test_the_port_that_a_container_opens(kubernetes):
    for name, port in (("a", "http"), ("b", 8080)):
        kubernetes.create(TYPE, **deployment(**probe(port)) | {"metadata": about(name)})


def test_pods_that_are_not_made(waits, kubernetes):
    namespace = {"name": "jobs", "labels": {LABEL: "restricted"}}
    kubernetes.update("kubernetes_namespace_v1", kubernetes.find("kubernetes_namespace_v1", "jobs"), metadata=namespace)
    said, seen = waits()
    assert said == NO_PODS
    assert 'FailedCreate: pods are forbidden: violates PodSecurity "restricted:latest"' in seen


def test_a_deadline_before_the_timeout(waits):
    given = deployment(node_selector={"pool": "none"})
    given["spec"]["progress_deadline_seconds"] = 60
    assert waits(given)[0] == "Deployment exceeded its progress deadline"


def test_who_does_not_wait_is_told_nothing(kubernetes):
    given = deployment(node_selector={"pool": "none"}) | {"wait_for_rollout": False}
    assert kubernetes.create(TYPE, **given)["id"] == "jobs/app"


def test_an_update_is_waited_for_too(kubernetes):
    state = kubernetes.create(TYPE, **deployment())
    with pytest.raises(Refused, match="couldn't find port"):
        kubernetes.update(TYPE, state, **deployment(**probe("https")))


@pytest.mark.parametrize(
    ("kind", "spec", "event"),
    [
        (
            "resource_quota",
            {"hard": {"pods": "0"}},
            "exceeded quota: small, requested: pods=1, used: pods=0, limited: pods=0",
        ),
        ("resource_quota", {"hard": {"requests.cpu": "1"}}, "requested: requests.cpu=1.5, used: requests.cpu=0"),
        (
            "limit_range",
            {"limit": [{"type": "Container", "max": {"cpu": "1"}}]},
            "maximum cpu usage per Container is 1, but request is 1500m",
        ),
    ],
)
def test_limits_of_the_namespace(waits, kubernetes, kind, spec, event):
    kubernetes.create(f"kubernetes_{kind}_v1", metadata=about("small"), spec=spec)
    said, seen = waits(container={"resources": {"requests": {"cpu": "1500m"}}})
    assert said == NO_PODS
    assert event in seen


def test_what_others_use_of_a_quota_counts(waits, kubernetes):
    kubernetes.create("kubernetes_resource_quota_v1", metadata=about("small"), spec={"hard": {"pods": "3"}})
    two = deployment()
    two["spec"]["replicas"] = "3"
    kubernetes.create(TYPE, **two | {"metadata": about("others")})
    assert "requested: pods=1, used: pods=3, limited: pods=3" in waits()[1]
