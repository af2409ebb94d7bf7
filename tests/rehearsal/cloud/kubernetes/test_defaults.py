"""What the API server adds to our objects, and what of it Terraform sees at the next plan."""

import pytest

from rehearsal.protocol.values import UNKNOWN

CONTAINER = {"name": "app", "image": "registry/app:1"}


def limit_range(**limit):
    return {"metadata": {"namespace": "jobs", "name": "tasks"}, "spec": {"limit": [{"type": "Container", **limit}]}}


def deployment(**pod):
    labels = {"app": "x"}
    spec = {"container": [CONTAINER], **pod}
    template = {"metadata": {"labels": labels}, "spec": spec}
    return {
        "metadata": {"namespace": "jobs", "name": "app"},
        "spec": {"selector": {"match_labels": labels}, "template": template},
    }


def differences(kubernetes, type_, **attributes):
    """What a second plan changes."""
    read = kubernetes.read(type_, kubernetes.create(type_, **attributes))
    planned = kubernetes.plan(type_, read, **attributes)
    return {name: (read[name], planned[name]) for name in planned if planned[name] != read[name]}


@pytest.mark.parametrize(
    "limit",
    [
        {"max": {"cpu": "16"}},
        {"max": {"cpu": "16"}, "default_request": {"cpu": "100m"}},
        {"max": {"memory": "1024Gi"}, "default": {"memory": "1024Gi"}},
        {"default_request": {"memory": "0.5Gi"}},
    ],
)
def test_a_limit_range_that_leaves_something_to_the_server_differs_for_ever(kubernetes, limit):
    """The server makes `max` the default limit, and writes 1024Gi as 1Ti; the provider compares texts here."""
    assert differences(kubernetes, "kubernetes_limit_range_v1", **limit_range(**limit)).keys() == {"spec"}


def test_a_limit_range_that_says_it_all_does_not_differ(kubernetes):
    largest = {"cpu": "16", "memory": "1Ti"}
    limit = {"max": largest, "default": largest, "default_request": {"cpu": "100m", "memory": "128Mi"}}
    assert differences(kubernetes, "kubernetes_limit_range_v1", **limit_range(**limit)) == {}


def test_a_limit_range_for_pods_gets_no_defaults(kubernetes):
    limit = {"type": "Pod", "max": {"cpu": "16"}}
    assert differences(kubernetes, "kubernetes_limit_range_v1", **limit_range(**limit)) == {}


def test_where_the_provider_compares_amounts_they_do_not_differ(kubernetes):
    hard = {"requests.memory": "1024Gi"}
    quota = {"metadata": {"namespace": "jobs", "name": "tasks"}, "spec": {"hard": hard}}
    assert differences(kubernetes, "kubernetes_resource_quota_v1", **quota) == {}
    hard["requests.memory"] = "2Ti"
    state = kubernetes.provider.cloud.all("kubernetes_resource_quota")[0].state
    assert state["spec"][0]["hard"] == {"requests.memory": "1Ti"}
    planned = kubernetes.plan("kubernetes_resource_quota_v1", state, **quota)
    assert planned["spec"][0]["hard"] == {"requests.memory": "2Ti"}


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


def test_a_service_and_a_binding(kubernetes):
    about = {"namespace": "jobs", "name": "x"}
    service = {"metadata": about, "spec": {"selector": {"a": "b"}, "port": [{"port": 80}]}}
    assert differences(kubernetes, "kubernetes_service_v1", **service) == {}
    [made] = kubernetes.provider.cloud.all("kubernetes_service")
    assert made.state["spec"][0]["port"][0]["target_port"] == "80"
    subject = {"kind": "User", "name": "ada@example.com"}
    role = {"api_group": "rbac.authorization.k8s.io", "kind": "Role", "name": "x"}
    binding = {"metadata": about, "role_ref": role, "subject": [subject]}
    assert differences(kubernetes, "kubernetes_role_binding_v1", **binding) == {}
    [made] = kubernetes.provider.cloud.all("kubernetes_role_binding")
    assert made.state["subject"][0]["api_group"] == "rbac.authorization.k8s.io"


def test_a_policy_of_a_port_is_about_tcp(kubernetes):
    ingress = {"ports": [{"port": "80"}]}
    policy = {"pod_selector": {}, "policy_types": ["Ingress"], "ingress": [ingress]}
    about = {"namespace": "jobs", "name": "x"}
    assert differences(kubernetes, "kubernetes_network_policy_v1", metadata=about, spec=policy) == {}
    [made] = kubernetes.provider.cloud.all("kubernetes_network_policy")
    assert made.state["spec"][0]["ingress"][0]["ports"][0]["protocol"] == "TCP"


def test_a_value_that_is_not_known_yet_gets_no_wrong_default(kubernetes):
    planned = kubernetes.plan("kubernetes_limit_range_v1", **limit_range(max={"cpu": "4"}))
    assert planned["spec"][0]["limit"][0]["default_request"] is UNKNOWN
