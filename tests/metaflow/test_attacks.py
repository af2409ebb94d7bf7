"""docs/security.md, line by line: what users and tasks may not do to the platform, and what they may all the same."""

from typing import Any

import pytest

from rehearsal.cloud.kubernetes import admission, quota
from tests.metaflow.attacks import JOBS, NAMESPACE, WORKFLOWS, Attempt, attempts, pod, sensor
from tests.metaflow.deployment import USER, Deployment
from tests.metaflow.pods import of_template
from tests.metaflow.recording import Recording

ADA = ("", USER)
TASK = (NAMESPACE, "metaflow-tasks")
EXECUTOR = (NAMESPACE, "argo-workflow-executor")


@pytest.fixture(scope="module")
def policies(deployment: Deployment) -> list[admission.Manifest]:
    return [each for kind in (admission.POLICY, admission.BINDING) for each in deployment.custom(kind)]


@pytest.mark.parametrize("attempt", [pytest.param(each, id=each.what) for each in attempts()])
def test_the_api_server_s_policies(policies: list[admission.Manifest], attempt: Attempt) -> None:
    said = list(admission.refusals(policies, attempt.request))
    if attempt.refused is None:
        assert said == []
    else:
        assert len(said) == 1, "another rule refuses it, too: it does not show that this one does"
        assert attempt.refused in said[0]


@pytest.mark.parametrize("attempt", [pytest.param(each, id=each.what) for each in attempts() if each.refused])
def test_without_the_policies_nothing_would_refuse_it(policies: list[admission.Manifest], attempt: Attempt) -> None:
    """It is the binding that puts a policy into force."""
    unbound = [each for each in policies if each["kind"] == admission.POLICY]
    assert unbound
    assert list(admission.refusals(unbound, attempt.request)) == []


FORBIDDEN = [
    *(("get", "", "secrets", namespace) for namespace in ("ml-jobs", "metaflow", "argo")),
    ("create", "", "pods", NAMESPACE),
    ("patch", "", "pods", NAMESPACE),
    ("create", "", "pods/exec", NAMESPACE),
    ("patch", "", "pods/ephemeralcontainers", NAMESPACE),
    ("create", "", "serviceaccounts/token", NAMESPACE),
    ("impersonate", "", "serviceaccounts", NAMESPACE),
    ("create", "apps", "deployments", NAMESPACE),
    ("create", "apps", "statefulsets", NAMESPACE),
    ("create", "apps", "replicasets", NAMESPACE),
    ("create", "argoproj.io", "eventsources", NAMESPACE),
    ("create", "argoproj.io", "eventbus", NAMESPACE),
    ("delete", "argoproj.io", "eventbus", NAMESPACE),
    ("delete", "", "resourcequotas", NAMESPACE),
    ("delete", "", "limitranges", NAMESPACE),
    ("delete", "networking.k8s.io", "networkpolicies", NAMESPACE),
    ("create", "rbac.authorization.k8s.io", "rolebindings", NAMESPACE),
    ("delete", "", "pods", "metaflow"),
    ("delete", "", "pods", "argo"),
]


@pytest.mark.parametrize("right", FORBIDDEN, ids=" ".join)
def test_users_and_tasks_have_no_right_to(deployment: Deployment, right: tuple[str, str, str, str]) -> None:
    for who in (ADA, TASK, EXECUTOR):
        assert not deployment.may(who, *right), who


ALLOWED = [
    ("delete", "", "pods", NAMESPACE),
    ("delete", "argoproj.io", "workflowtemplates", NAMESPACE),
    ("create", "argoproj.io", "sensors", NAMESPACE),
    ("create", "jobset.x-k8s.io", "jobsets", NAMESPACE),
]


@pytest.mark.parametrize("right", ALLOWED, ids=" ".join)
def test_users_have_the_right_to(deployment: Deployment, right: tuple[str, str, str, str]) -> None:
    """Each with its reason in docs/security.md."""
    assert deployment.may(ADA, *right)
    assert not deployment.may(TASK, *right)


def _requesting(spec: dict[str, Any], cpu: str = "1") -> dict[str, Any]:
    resources = {"requests": {"cpu": cpu, "memory": "1Gi"}}
    return {"metadata": {}, "spec": {**spec, "containers": [{"name": "main", "resources": resources}]}}


def test_when_tasks_fill_the_quota_bus_and_webhook_start_again(deployment: Deployment) -> None:
    """And nobody else: a sensor is what a user deployed, and waits as tasks do."""
    [tasks] = quotas = deployment.all("kubernetes_resource_quota")
    running = [_requesting({})] * int(tasks["spec"][0]["hard"]["pods"])
    [bus], [source] = deployment.custom("EventBus"), deployment.custom("EventSource")
    for named in (bus["spec"]["jetstream"], source["spec"]["template"]):
        uncounted = _requesting({"priorityClassName": named["priorityClassName"]})
        assert list(quota.refusals(quotas, running, uncounted)) == []
    for spec in ({}, {"priorityClassName": "urgent"}, {"activeDeadlineSeconds": 60}):
        [said] = quota.refusals(quotas, running, _requesting(spec))
        assert said == "exceeded quota: tasks, requested: pods=1, used: pods=40, limited: pods=40"
    [said] = quota.refusals(quotas, [_requesting({}, cpu="63500m")], _requesting({}))
    assert said == "exceeded quota: tasks, requested: requests.cpu=1, used: requests.cpu=63.5, limited: requests.cpu=64"


def test_argo_s_controller_makes_neither_volume_claims_nor_budgets(deployment: Deployment) -> None:
    controller = ("argo", "workflow-controller")
    assert deployment.may(controller, "create", "", "pods", NAMESPACE)
    assert not deployment.may(controller, "create", "", "persistentvolumeclaims", NAMESPACE)
    assert not deployment.may(controller, "create", "policy", "poddisruptionbudgets", NAMESPACE)


def test_every_pod_of_metaflow_s_is_admitted(
    recording: Recording, deployment: Deployment, policies: list[admission.Manifest]
) -> None:
    """With both clients: jobs as they are, pods of workflows as far as the policies look at them."""
    jobs = [each.body["spec"]["template"] for each in recording.requests_for("create", "jobs")]
    requests = [pod(JOBS, each["metadata"].get("labels"), **each["spec"]) for each in jobs]
    requests += [
        pod(WORKFLOWS, serviceAccountName=each.account, tolerations=each.tolerations)
        for each in of_template(recording.compiled, deployment.workflow_defaults)
        if each.makes is None
    ]
    assert requests
    assert [said for each in requests for said in admission.refusals(policies, each)] == []


def test_every_sensor_of_metaflow_s_is_admitted(recording: Recording, policies: list[admission.Manifest]) -> None:
    made = recording.requests_for("create", "sensors")
    assert made
    for each in made:
        assert list(admission.refusals(policies, sensor(each.body["spec"]))) == []
