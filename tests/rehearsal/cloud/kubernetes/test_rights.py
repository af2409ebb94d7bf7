"""What the platform's accounts and people may do in a cluster, against what they do."""

import pytest

from rehearsal.cloud.kubernetes.rights import missing, needless
from tests.rehearsal.cloud.kubernetes.shapes import about

CREATE = {"api_groups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["create"]}
CHART = {"name": "argo-workflows", "chart": "argo-workflows", "version": "0.47.5"}
REPOSITORY = "https://argoproj.github.io/argo-helm"


@pytest.fixture
def sensor(kubernetes, helm):
    """The sensors' account, in a cluster with workflows, with one role."""
    helm.create("helm_release", **CHART, repository=REPOSITORY, namespace="jobs")
    for name in ("metaflow-tasks", "metaflow-sensor"):
        kubernetes.create("kubernetes_service_account_v1", metadata=about(name))

    def sensor(*rules, subject="metaflow-sensor", **more):
        kubernetes.create("kubernetes_role_v1", metadata=about("run"), rule=list(rules))
        kubernetes.create(
            "kubernetes_role_binding_v1",
            metadata=about("run"),
            role_ref={"api_group": "rbac.authorization.k8s.io", "kind": "Role", "name": "run"},
            subject=[{"kind": "ServiceAccount", "name": subject, "namespace": "jobs"} | more],
        )

    return sensor


def test_what_fits(sensor, cloud):
    sensor(CREATE)
    assert (missing(cloud), needless(cloud)) == ([], [])


@pytest.mark.parametrize(
    "rule",
    [
        {"verbs": ["get"]},
        {"resources": ["workflow"]},
        {"api_groups": ["extensions"]},
        {"resource_names": ["one"]},
    ],
)
def test_too_little(sensor, cloud, rule):
    sensor(CREATE | rule)
    said = "ServiceAccount jobs/metaflow-sensor may not create workflows.argoproj.io in jobs, and does so"
    assert missing(cloud) == [said]


def test_bound_to_somebody_else(sensor, cloud):
    sensor(CREATE, subject="metaflow-tasks")
    assert len(missing(cloud)) == 1


@pytest.mark.parametrize(
    ("rules", "more"),
    [
        ([CREATE | {"verbs": ["*"]}], "* workflows.argoproj.io in jobs"),
        ([CREATE, {"api_groups": [""], "resources": ["secrets"], "verbs": ["get"]}], "get secrets in jobs"),
    ],
)
def test_too_much(sensor, cloud, rules, more):
    sensor(*rules)
    assert missing(cloud) == []
    assert needless(cloud) == [f"ServiceAccount jobs/metaflow-sensor may {more}, and never does so"]


def test_people_forward_ports_and_run_jobs(sensor, cloud):
    sensor(CREATE, {"api_groups": ["batch"], "resources": ["jobs"], "verbs": ["create"]}, kind="User", name="ada")
    [said] = [each for each in missing(cloud) if each.startswith("User ada may not")]
    assert "create pods/portforward in jobs" in said
    assert "create jobs.batch in jobs" not in said


def test_a_cluster_s_admin_may_everything(sensor, cloud, kubernetes):
    sensor(CREATE, kind="User", name="ada")
    kubernetes.create(
        "kubernetes_cluster_role_binding_v1",
        metadata={"name": "admins"},
        role_ref={"api_group": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        subject=[{"kind": "User", "name": "ada"}],
    )
    assert not [each for each in missing(cloud) if "ada" in each]
