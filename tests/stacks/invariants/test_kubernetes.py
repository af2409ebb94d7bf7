"""The Kubernetes objects, Terraform's and the local chart's, as the API server will see them: valid, each in its place.

How they fit together is in test_crosscheck.py, who gets through to what in test_reach.py.
"""

import copy

import kubernetes_validate
import pytest

from rehearsal.cloud import charts
from tests.stacks.invariants import objects as of
from tests.stacks.invariants.crosscheck import IN_NO_NAMESPACE
from tests.stacks.invariants.selectors import matches

JOBS = {"minimal": "metaflow-jobs", "existing-network": "metaflow-jobs", "everything": "ml-jobs"}


@pytest.fixture
def objects(platform):
    return copy.deepcopy([*of.of_terraform(platform), *of.of_local_charts(platform)])


def of_kind(objects, kind):
    return [each for each in objects if each["kind"] == kind]


def of_kubernetes(objects):
    """Those of kinds that Kubernetes itself knows."""
    return [each for each in objects if not each["apiVersion"].startswith(("argoproj.io/", "monitoring.googleapis."))]


# The oldest schemas of the package, and the newest: an upgrade of the cluster changes nothing.
@pytest.mark.parametrize("version", ["1.25", "latest"])
def test_the_api_server_accepts_every_object(objects, version):
    version = kubernetes_validate.latest_version() if version == "latest" else version
    # Admission policies are there since 1.30: older clusters are gone from GKE.
    since_1_30 = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding") if version == "1.25" else ()
    for each in (each for each in of_kubernetes(objects) if each["kind"] not in since_1_30):
        kubernetes_validate.validate(each, version, strict=True)


@pytest.mark.parametrize("kind", ["Deployment", "Job", "NetworkPolicy", "RoleBinding", "Service"])
def test_the_api_server_would_refuse_what_is_wrong(objects, kind):
    for each in of_kind(objects, kind):
        each[next(iter({"spec", "roleRef"} & each.keys()))]["replica"] = 1
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(each, "1.25", strict=True)


def test_the_other_kinds_are_defined_by_a_release_that_comes_before(objects, platform):
    others = {each["kind"] for each in objects} - {each["kind"] for each in of_kubernetes(objects)}
    # The last is GKE's own: a cluster with managed Prometheus has it.
    assert others == {"EventBus", "EventSource", "PodMonitoring"}
    releases = {each.attributes["name"]: each for each in platform.of_type("helm_release")}
    defined = {
        definition.kind
        for release in of.releases(platform)
        if f"helm_release.<{releases[release.name].path}>" in releases["metaflow-events"].attributes["depends_on"]
        for definition in charts.definitions(release.chart, release.values)
    }
    assert others - {"PodMonitoring"} <= defined
    [cluster] = platform.of_type("google_container_cluster")
    assert cluster.attributes["monitoring_config"]["managed_prometheus"] == {"enabled": True}


def test_everything_is_in_a_namespace_of_ours(objects, platform):
    namespaces = {each["metadata"]["name"] for each in of_kind(objects, "Namespace")}
    assert namespaces == {"metaflow", "argo", JOBS[platform.settings]}
    for each in objects:
        if each["kind"] not in IN_NO_NAMESPACE:
            assert each["metadata"]["namespace"] in namespaces, each["metadata"]
    assert {each.namespace for each in of.releases(platform)} <= namespaces


@pytest.mark.parametrize(("namespace", "level"), [("argo", "restricted"), ("metaflow", "baseline")])
def test_namespaces_hold_pods_to_the_strictest_profile_that_they_keep(objects, namespace, level):
    """In `metaflow` the container `unpack` is root in name; in the jobs' namespace the team's images are."""
    [found] = [each for each in of_kind(objects, "Namespace") if each["metadata"]["name"] == namespace]
    assert found["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == level
    assert found["metadata"]["labels"]["pod-security.kubernetes.io/warn"] == "restricted"


def test_nothing_of_ours_has_rights_in_the_whole_cluster(objects):
    """People who operate do, as Kubernetes' own cluster-admin."""
    assert of_kind(objects, "ClusterRole") == []
    for binding in of_kind(objects, "ClusterRoleBinding"):
        assert binding["roleRef"]["name"] == "cluster-admin"
        assert {subject["kind"] for subject in binding["subjects"]} <= {"User", "Group"}


def test_no_role_allows_everything(objects):
    for role in of_kind(objects, "Role"):
        for rule in role["rules"]:
            assert "*" not in (*rule["apiGroups"], *rule["resources"], *rule["verbs"]), role["metadata"]


def test_a_budget_is_there_only_where_there_are_two_pods_or_more(objects):
    """With one replica it blocks node upgrades.

    https://cloud.google.com/kubernetes-engine/docs/concepts/node-pool-upgrade-strategies#drain-pdb
    """
    for deployment in of_kind(objects, "Deployment"):
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        budgets = [
            each for each in of_kind(objects, "PodDisruptionBudget") if matches(each["spec"]["selector"], labels)
        ]
        assert bool(budgets) == (deployment["spec"]["replicas"] > 1)
    [bus] = of_kind(objects, "EventBus")
    assert bus["spec"]["jetstream"]["replicas"] == 1
    assert "metaflow-events-bus" not in {each["metadata"]["name"] for each in of_kind(objects, "PodDisruptionBudget")}


def test_a_quota_is_there_only_where_settings_ask_for_one(objects, platform):
    limits = {each["kind"]: each["spec"] for each in objects if each["kind"] in ("LimitRange", "ResourceQuota")}
    if platform.settings != "everything":
        assert limits == {}
        return
    assert limits["ResourceQuota"]["hard"] == {
        "requests.cpu": "512",
        "requests.memory": "2Ti",
        "requests.nvidia.com/gpu": "16",
        "pods": "500",
    }
    [bus] = of_kind(objects, "EventBus")
    assert limits["ResourceQuota"]["scopeSelector"]["matchExpressions"] == [
        {
            "scopeName": "PriorityClass",
            "operator": "NotIn",
            "values": [bus["spec"]["jetstream"]["priorityClassName"]],
        }
    ]
    [limit] = limits["LimitRange"]["limits"]
    assert limit["max"] == {"cpu": "64", "memory": "256Gi"}
