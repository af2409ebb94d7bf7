import pytest

from metaflow_gcp import labels
from metaflow_gcp.checks import Checks


def test_good_labels_pass():
    checks = Checks()
    labels.check_resource_labels(checks, "labels", {"team": "ml", "cost_centre": "", "a-1": "${TfToken[TOKEN.1]}"})
    labels.check_node_labels(checks, "labels", {"team": "ML", "example.com/tier": "", "cloud.google.com/custom": "a.b"})
    labels.check_taint(checks, "taints[0]", key="dedicated", value="ml", effect="NO_SCHEDULE")
    assert checks.problems == []


@pytest.mark.parametrize(
    ("key", "value", "received", "allowed"),
    [
        ("Team", "ml", "'Team'", "a letter first"),
        ("1st", "ml", "'1st'", "a letter first"),
        ("k" * 64, "ml", "k" * 64, "1 to 63"),
        ("google-team", "ml", "'google-team'", "starts otherwise"),
        ("team", "ML", "'ML'", "up to 63 of a-z"),
        ("team", "v" * 64, "v" * 64, "up to 63 of a-z"),
    ],
)
def test_a_wrong_resource_label_is_named(key, value, received, allowed):
    checks = Checks()
    labels.check_resource_labels(checks, "labels", {key: value})
    (problem,) = checks.problems
    assert problem.where == f"labels.{key}"
    assert received in problem.wrong
    assert allowed in problem.allowed


def test_labels_are_counted_with_those_the_caller_adds():
    checks = Checks()
    labels.check_resource_labels(checks, "labels", {f"k{i}": "" for i in range(62)}, reserved=2)
    assert checks.problems == []
    labels.check_resource_labels(checks, "labels", {f"k{i}": "" for i in range(63)}, reserved=2)
    assert "63 labels" in checks.problems[0].wrong
    assert "at most 62" in checks.problems[0].allowed


@pytest.mark.parametrize("key", ["kubernetes.io/os", "node.k8s.io/a", "cloud.google.com/gke-spot", "nvidia.com/gpu"])
def test_keys_that_kubernetes_or_gke_sets_are_refused(key):
    checks = Checks()
    labels.check_node_labels(checks, "labels", {key: "x"})
    labels.check_taint(checks, "taints[0]", key=key, value="x", effect="NO_SCHEDULE")
    assert [problem.where for problem in checks.problems] == [f"labels.{key}", "taints[0].key"]
    assert "set by Kubernetes or GKE" in checks.problems[0].wrong


@pytest.mark.parametrize("key", ["", "/name", "domain/", "Domain.com/name", "a b", "-a"])
def test_keys_that_are_none_are_refused(key):
    checks = Checks()
    labels.check_node_labels(checks, "labels", {key: "x"})
    assert "is not a key" in checks.problems[0].wrong


def test_a_taint_in_kubernetes_spelling_is_told_googles():
    checks = Checks()
    labels.check_taint(checks, "taints[0]", key="a", value="b c", effect="NoSchedule")
    value, effect = checks.problems
    assert value.where == "taints[0].value"
    assert "'NoSchedule'" in effect.wrong
    assert "NO_SCHEDULE" in effect.allowed
