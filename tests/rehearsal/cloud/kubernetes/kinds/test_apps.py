"""Deployments and their pods."""

import pytest

from tests.rehearsal.cloud.kubernetes.shapes import differences

CONTAINER = {"name": "app", "image": "registry/app:1"}


def deployment(**pod):
    labels = {"app": "x"}
    spec = {"container": [CONTAINER], **pod}
    template = {"metadata": {"labels": labels}, "spec": spec}
    return {
        "metadata": {"namespace": "jobs", "name": "app"},
        "spec": {"selector": {"match_labels": labels}, "template": template},
    }


def test_a_pod_of_which_little_is_said_does_not_differ(kubernetes):
    resources = {"requests": {"cpu": "1000m", "memory": "1024Mi"}}
    volume = {"name": "scratch", "empty_dir": {"size_limit": "2048Mi"}}
    probe = {"http_get": {"path": "/ping", "port": "8080"}}
    container = {**CONTAINER, "resources": resources, "readiness_probe": probe}
    assert (
        differences(kubernetes, "kubernetes_deployment_v1", **deployment(container=[container], volume=[volume])) == {}
    )
    [made] = kubernetes.provider.cloud.all("kubernetes_deployment")
    spec = made.state["spec"][0]
    assert spec["strategy"] == [
        {"type": "RollingUpdate", "rolling_update": [{"max_unavailable": "25%", "max_surge": "25%"}]}
    ]
    [container] = spec["template"][0]["spec"][0]["container"]
    assert (container["image_pull_policy"], container["termination_message_policy"]) == ("IfNotPresent", "File")
    assert container["resources"][0]["requests"] == {"cpu": "1", "memory": "1Gi"}


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("registry:5000/app", "Always"),
        ("registry/app:latest", "Always"),
        ("registry:5000/app:1", "IfNotPresent"),
        ("registry/app@sha256:0", "IfNotPresent"),
    ],
)
def test_when_an_image_is_pulled(kubernetes, image, policy):
    kubernetes.create("kubernetes_deployment_v1", **deployment(container=[{"name": "app", "image": image}]))
    [made] = kubernetes.provider.cloud.all("kubernetes_deployment")
    assert made.state["spec"][0]["template"][0]["spec"][0]["container"][0]["image_pull_policy"] == policy


def test_a_probe_without_a_path_differs_for_ever(kubernetes):
    """The server asks for `/`, and the provider has no default there (schema_container.go)."""
    container = {**CONTAINER, "liveness_probe": {"http_get": {"port": "8080"}}}
    assert differences(kubernetes, "kubernetes_deployment_v1", **deployment(container=[container])).keys() == {"spec"}


def test_a_recreated_deployment_gets_no_rolling_update(kubernetes):
    app = deployment()
    app["spec"]["strategy"] = {"type": "Recreate"}
    assert differences(kubernetes, "kubernetes_deployment_v1", **app) == {}
    [made] = kubernetes.provider.cloud.all("kubernetes_deployment")
    assert made.state["spec"][0]["strategy"] == [{"type": "Recreate", "rolling_update": []}]
