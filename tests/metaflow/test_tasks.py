"""What `metaflow-gcp logs` and `status` know a run's pods by is what the real clients, oldest and newest, write."""

import json
from typing import Any

import pytest
from kubernetes.client import ApiClient

from metaflow_gcp_tools.commands.tasks import attempts
from metaflow_gcp_tools.commands.tasks.pathspec import Pathspec
from metaflow_gcp_tools.commands.tasks.seen import OF_METAFLOW
from tests.metaflow.recording import Recording


def pod(metadata: dict[str, Any]) -> Any:
    """As Kubernetes makes it of a template, and its client gives it."""
    made = {"metadata": metadata | {"name": "it"}, "spec": {"containers": []}, "status": {}}
    response = type("Response", (), {"data": json.dumps(made)})
    return ApiClient().deserialize(response, "V1Pod")


@pytest.fixture
def jobs(recording: Recording) -> list[dict[str, Any]]:
    made = recording.requests_for("create", "jobs")
    assert made
    return [each.body["spec"]["template"]["metadata"] for each in made]


def test_pods_of_kubernetes_s_jobs_are_known_by_their_annotations(jobs):
    for metadata in jobs:
        notes = metadata["annotations"]
        path = Pathspec(flow=notes["metaflow/flow_name"], run=notes["metaflow/run_id"])
        [found] = attempts.of_run(path, (), [pod(metadata)])
        assert (found.step, found.task) == (notes["metaflow/step_name"], notes["metaflow/task_id"])
        assert found.pods == ["it"]


def test_pods_are_listed_by_a_label_that_they_have(jobs, recording):
    key, _, value = OF_METAFLOW.partition("=")
    assert all(metadata["labels"][key] == value for metadata in jobs)
    assert recording.compiled["spec"]["podMetadata"]["labels"][key] == value


def test_pods_of_a_deployed_flow_are_known_by_their_annotations(recording):
    """Argo fills in the workflow's name; what is its own of a template goes over what all have."""
    spec = recording.compiled["spec"]
    of_all = spec["podMetadata"]["annotations"]
    assert of_all["metaflow/run_id"] == "argo-{{workflow.name}}"
    steps = [each["metadata"]["annotations"] for each in spec["templates"] if {"container", "metadata"} <= each.keys()]
    assert steps
    for of_step in steps:
        notes = {key: str(value) for key, value in (of_all | of_step).items()}
        notes["metaflow/run_id"] = "argo-hello-x7k2"
        notes["metaflow/attempt"] = "0"
        path = Pathspec(flow=notes["metaflow/flow_name"], run="argo-hello-x7k2")
        [found] = attempts.of_run(path, (), [pod({"annotations": notes})])
        assert found.step == of_step["metaflow/step_name"]
    assert path.workflow == "hello-x7k2"
