"""Who does what: people what the client asks for, tasks' accounts what Argo's helper does in their name."""

import pytest
from kubernetes.utils.quantity import parse_quantity as quantity

from tests.metaflow.argo_pods import Pod, of_template
from tests.metaflow.deployment import USER, Deployment
from tests.metaflow.pods import of_job, of_job_set
from tests.metaflow.recording import Recording

NAMESPACE = "ml-jobs"
"""Of tasks, as `platform.toml` says."""


@pytest.fixture
def pods(recording: Recording, deployment: Deployment) -> list[Pod]:
    """Those that Argo starts."""
    return list(of_template(recording.compiled, deployment))


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
def test_argo_s_containers_report_how_every_task_of_a_workflow_went(
    pods: list[Pod], deployment: Deployment, right: tuple[str, str, str]
) -> None:
    assert pods
    for pod in pods:
        for container in pod.own:
            assert container.token, f"{pod.step}: {container.name} ends: no configuration has been provided"
            assert deployment.may(container.token, *right, container.token[0]), (pod.step, container.token)


@pytest.mark.parametrize("right", [("create", "jobset.x-k8s.io", "jobsets"), ("get", "jobset.x-k8s.io", "jobsets")])
def test_whoever_makes_a_job_set_may(pods: list[Pod], deployment: Deployment, right: tuple[str, str, str]) -> None:
    """Metaflow gives these pods no account: they run as Argo's defaults for workflows say, or as `default`."""
    [pod] = [each for each in pods if each.makes]
    assert pod.account in deployment.accounts
    [main] = [each for each in pod.own if each.name == "main"]
    assert main.token
    assert deployment.may(main.token, *right, main.token[0])


def test_no_task_gets_a_token(pods: list[Pod], deployment: Deployment, recording: Recording) -> None:
    """Neither in a workflow, nor of a JobSet, nor of `run --with kubernetes`: those pods have no other containers."""
    for pod in pods:
        assert [each.name for each in pod.containers if each.token and each not in pod.own] == []
    jobs = [of_job(each.body) for each in recording.requests_for("create", "jobs")]
    job_sets = [pod.makes for pod in pods if pod.makes]
    job_sets += [each.body for each in recording.requests_for("create", "jobsets")]
    for plain in [*jobs, *(pod for each in job_sets for pod in of_job_set(each, NAMESPACE))]:
        assert not deployment.automounts((plain.namespace, plain.account)), plain.step


def test_and_tasks_accounts_may_do_nothing_in_the_cluster(pods: list[Pod], deployment: Deployment) -> None:
    tasks = {pod.account for pod in pods if not pod.makes}
    assert tasks == {(NAMESPACE, deployment.profile["METAFLOW_KUBERNETES_SERVICE_ACCOUNT"])}
    for account in tasks:
        assert list(deployment.rules(account, NAMESPACE)) == []


def test_kubernetes_admits_every_pod_of_a_workflow(pods: list[Pod]) -> None:
    """It refuses a request above its limit, also when Argo merged the one with the other."""
    asked = [each for pod in pods for each in pod.containers if each.requests]
    assert {each.name for each in asked} == {"init", "wait", "main"}
    for container in asked:
        for what, limit in container.limits.items():
            assert quantity(container.requests[what]) <= quantity(limit), (container, what)


def test_tasks_may_read_the_secret_of_the_flows(deployment: Deployment) -> None:
    profile = deployment.profile
    account = (profile["METAFLOW_KUBERNETES_NAMESPACE"], profile["METAFLOW_KUBERNETES_SERVICE_ACCOUNT"])
    assert ("training-key", deployment.google_account(account)) in deployment.readers_of_secrets
