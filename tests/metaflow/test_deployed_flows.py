"""`argo-workflows create`: everything that the objects name is something that the stacks declare."""

import pytest

from tests.metaflow.checks import check
from tests.metaflow.deployment import Deployment
from tests.metaflow.pods import Pod, of_template
from tests.metaflow.recording import Recording

CPU_STEPS = {"start", "prepare", "collect", "gather", "end"}
STEPS = CPU_STEPS | {"tune", "train"}
TOGETHER = {"control", "worker"}
"""What the pods of `train` are called."""


@pytest.fixture
def pods(recording: Recording, deployment: Deployment) -> list[Pod]:
    return list(of_template(recording.compiled, deployment.workflow_defaults))


def test_what_is_printed_is_what_is_deployed(recording: Recording, deployment: Deployment, pods: list[Pod]) -> None:
    [created] = recording.requests_for("create", "workflowtemplates")
    assert created.namespace == recording.compiled["metadata"]["namespace"] == created.body["metadata"]["namespace"]
    deployed = list(of_template(created.body, deployment.workflow_defaults))
    assert [(pod.step, pod.account, pod.image) for pod in deployed] == [
        (pod.step, pod.account, pod.image) for pod in pods
    ]


def test_what_tasks_name_is_there(pods: list[Pod], deployment: Deployment, recording: Recording) -> None:
    tasks = [pod for pod in pods if pod.step in STEPS | TOGETHER and not pod.makes]
    assert {pod.step for pod in tasks} >= CPU_STEPS | {"tune"}
    assert len(tasks) == len(CPU_STEPS) + 1 + len(TOGETHER)
    for pod in tasks:
        check(pod, deployment, recording)


def test_what_the_pods_beside_them_name_is_there(pods: list[Pod], deployment: Deployment) -> None:
    """Those that say what went wrong. Those that make JobSets are in `test_rights`."""
    beside = [pod for pod in pods if pod.step not in STEPS | TOGETHER]
    assert beside
    for pod in beside:
        assert (pod.namespace, pod.account) in deployment.accounts
        assert deployment.is_ours(pod.image)


def test_only_who_asks_gets_a_gpu(pods: list[Pod]) -> None:
    gpus = [pod.gpus for pod in pods if not pod.makes and pod.step not in CPU_STEPS and "hook" not in pod.step]
    assert gpus == [1, 1, 1]
    assert [pod.gpus for pod in pods if pod.step in CPU_STEPS] == [0] * len(CPU_STEPS)


def test_images_of_the_team_come_from_its_registry(pods: list[Pod], deployment: Deployment) -> None:
    images = {pod.step: pod.image for pod in pods}
    assert images["prepare"] == f"{deployment.profile['METAFLOW_DEFAULT_CONTAINER_REGISTRY']}/preparation:1.0"
    assert images["start"] == deployment.profile["METAFLOW_DEFAULT_CONTAINER_IMAGE"]


def test_retries(recording: Recording) -> None:
    limits = {
        each["name"]: each["retryStrategy"]["limit"]
        for each in recording.compiled["spec"]["templates"]
        if each.get("retryStrategy")
    }
    assert limits == {"start": 2, "prepare": 3, "train": 3}


def test_nodes_that_work_together_are_a_job_set(pods: list[Pod], deployment: Deployment) -> None:
    [job_set] = [pod.makes for pod in pods if pod.makes]
    assert job_set["kind"] == "JobSet"
    assert job_set["apiVersion"] in deployment.served("JobSet")
    assert {each["name"] for each in job_set["spec"]["replicatedJobs"]} == TOGETHER


def test_the_schedule(recording: Recording, deployment: Deployment) -> None:
    [cron] = recording.requests_for("create", "cronworkflows")
    assert cron.namespace in deployment.namespaces
    assert cron.body["apiVersion"] in deployment.served("CronWorkflow")
    assert cron.body["spec"]["suspend"] is False
    # What the pinned Argo reads: its fourth release reads only `schedules`.
    assert (cron.body["spec"]["schedule"], cron.body["spec"]["timezone"]) == ("30 4 * * *", "Europe/Helsinki")
    assert cron.body["spec"]["workflowSpec"]["workflowTemplateRef"] == {"name": recording.compiled["metadata"]["name"]}


def test_the_sensor_listens_where_events_come_from(recording: Recording, deployment: Deployment) -> None:
    [sensor] = [each.body for each in recording.requests_for("create", "sensors")]
    namespace = sensor["metadata"]["namespace"]
    assert sensor["apiVersion"] in deployment.served("Sensor")
    buses = {(each["metadata"]["namespace"], each["metadata"]["name"]) for each in deployment.custom("EventBus")}
    assert (namespace, sensor["spec"]["eventBusName"]) in buses
    [event] = sensor["spec"]["dependencies"]
    source = deployment.event_source(namespace, event["eventSourceName"])
    assert event["eventName"] in source["spec"]["webhook"]
    assert sensor["spec"]["eventBusName"] == source["spec"]["eventBusName"]


def test_the_sensor_starts_the_flow(recording: Recording, deployment: Deployment) -> None:
    [sensor] = [each.body for each in recording.requests_for("create", "sensors")]
    account = (sensor["metadata"]["namespace"], sensor["spec"]["template"]["serviceAccountName"])
    assert account in deployment.accounts
    [trigger] = sensor["spec"]["triggers"]
    # Not `argoWorkflow`: Argo's command line refuses what has a JobSet in it.
    workflow = trigger["template"]["k8s"]["source"]["resource"]
    template = recording.compiled["metadata"]
    assert workflow["spec"]["workflowTemplateRef"] == {"name": template["name"]}
    assert workflow["metadata"]["namespace"] == template["namespace"]
    assert deployment.may(account, "create", "argoproj.io", "workflows", template["namespace"])
