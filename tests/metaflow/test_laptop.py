"""`run` from a laptop: the jobs that go to the cluster name what the stacks declare, too."""

import pytest

from tests.metaflow.checks import check
from tests.metaflow.deployment import Deployment
from tests.metaflow.pods import Pod, of_job, of_job_set
from tests.metaflow.recording import Recording


@pytest.fixture
def pods(recording: Recording) -> list[Pod]:
    jobs = recording.requests_for("create", "jobs")
    sets = recording.requests_for("create", "jobsets")
    return [of_job(each.body, each.namespace) for each in jobs] + [
        pod for each in sets for pod in of_job_set(each.body, each.namespace)
    ]


def test_what_jobs_name_is_there(pods: list[Pod], deployment: Deployment, recording: Recording) -> None:
    for pod in pods:
        check(pod, deployment, recording)


def test_only_who_asks_gets_a_gpu(pods: list[Pod]) -> None:
    assert sorted(pod.gpus for pod in pods) == [0, 1, 1, 1]
    assert [pod.gpus for pod in pods if pod.step == "prepare"] == [0]


def test_nodes_that_work_together_are_a_job_set(recording: Recording, deployment: Deployment) -> None:
    [made] = recording.requests_for("create", "jobsets")
    assert made.body["apiVersion"] in deployment.served("JobSet")
    replicas = {each["name"]: each["replicas"] for each in made.body["spec"]["replicatedJobs"]}
    assert sum(replicas.values()) == 2
