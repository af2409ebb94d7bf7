"""Who does what: people what the client asks for, tasks' accounts what Argo's helper does in their name."""

import pytest

from tests.metaflow.deployment import USER, Deployment
from tests.metaflow.pods import Pod, of_template
from tests.metaflow.recording import Recording


@pytest.fixture
def pods(recording: Recording, deployment: Deployment) -> list[Pod]:
    """Those that Argo starts."""
    templates = {each["name"] for each in recording.compiled["spec"]["templates"]}
    return [pod for pod in of_template(recording.compiled, deployment.workflow_defaults) if pod.step in templates]


def test_people_may_do_all_that_the_client_asks_for(recording: Recording, deployment: Deployment) -> None:
    asked = {(each.verb, each.group, each.resource, each.namespace) for each in recording.requests}
    kinds = {"cronworkflows", "jobs", "jobsets", "pods", "sensors", "workflows", "workflowtemplates"}
    assert {resource for _, _, resource, _ in asked} == kinds
    assert [each for each in sorted(asked) if not deployment.may(("", USER), *each)] == []


def test_they_may_not_do_everything(deployment: Deployment) -> None:
    jobs = deployment.profile["METAFLOW_KUBERNETES_NAMESPACE"]
    assert deployment.may(("", USER), "create", "batch", "jobs", jobs)
    assert not deployment.may(("", "eve@example.com"), "create", "batch", "jobs", jobs)
    assert not deployment.may(("", USER), "get", "", "secrets", jobs)


REPORT = [("create", "argoproj.io", "workflowtaskresults"), ("patch", "argoproj.io", "workflowtaskresults")]
"""How it went. Without it workflows stay Running: https://argo-workflows.readthedocs.io/en/latest/workflow-rbac/"""


@pytest.mark.parametrize("right", REPORT)
def test_every_task_of_a_workflow_may_report(
    pods: list[Pod], deployment: Deployment, right: tuple[str, str, str]
) -> None:
    for pod in pods:
        if not pod.makes:
            assert deployment.may((pod.namespace, pod.account), *right, pod.namespace), (pod.step, pod.account)
    assert deployment.workflow_defaults["automountServiceAccountToken"] is True


@pytest.mark.parametrize(
    "right", [*REPORT, ("create", "jobset.x-k8s.io", "jobsets"), ("get", "jobset.x-k8s.io", "jobsets")]
)
def test_whoever_makes_a_job_set_may(pods: list[Pod], deployment: Deployment, right: tuple[str, str, str]) -> None:
    """Metaflow gives these pods no account: they run as Argo's defaults for workflows say, or as `default`."""
    [pod] = [each for each in pods if each.makes]
    assert (pod.namespace, pod.account) in deployment.accounts
    assert deployment.may((pod.namespace, pod.account), *right, pod.namespace)


def test_tasks_may_read_the_secret_of_the_flows(deployment: Deployment) -> None:
    profile = deployment.profile
    account = (profile["METAFLOW_KUBERNETES_NAMESPACE"], profile["METAFLOW_KUBERNETES_SERVICE_ACCOUNT"])
    assert ("training-key", deployment.google_account(account)) in deployment.readers_of_secrets
