"""Limits, quotas and Services."""

import pytest

from rehearsal.protocol.values import UNKNOWN
from tests.rehearsal.cloud.kubernetes.shapes import differences


def limit_range(**limit):
    return {"metadata": {"namespace": "jobs", "name": "tasks"}, "spec": {"limit": [{"type": "Container", **limit}]}}


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


def test_a_value_that_is_not_known_yet_gets_no_wrong_default(kubernetes):
    planned = kubernetes.plan("kubernetes_limit_range_v1", **limit_range(max={"cpu": "4"}))
    assert planned["spec"][0]["limit"][0]["default_request"] is UNKNOWN


def test_a_service(kubernetes):
    about = {"namespace": "jobs", "name": "x"}
    service = {"metadata": about, "spec": {"selector": {"a": "b"}, "port": [{"port": 80}]}}
    assert differences(kubernetes, "kubernetes_service_v1", **service) == {}
    [made] = kubernetes.provider.cloud.all("kubernetes_service")
    assert made.state["spec"][0]["port"][0]["target_port"] == "80"
