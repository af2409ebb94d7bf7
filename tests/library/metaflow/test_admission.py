"""The policies, rendered by real Helm. What they refuse is in tests/metaflow/test_attacks.py."""

from pathlib import Path

import kubernetes_validate
import pytest

import metaflow_gcp
from metaflow_gcp.checks import InvalidProperties
from metaflow_gcp.kubernetes.placement import SYSTEM_POOL
from metaflow_gcp.metaflow.admission import JobsAdmission, JobsAdmissionProps
from rehearsal.cloud.kubernetes import admission
from rehearsal.cloud.render import render

CHART = Path(metaflow_gcp.__file__).parent / "metaflow/charts/metaflow-admission"
MINIMAL = {"namespace": "argo", "jobs_namespace": "jobs", "tasks_service_account": "tasks"}
MAXIMAL = MINIMAL | {
    "executor_service_account": "executor",
    "executor_image": "example.com/argoexec:v1",
    "sensor_service_account": "sensor",
    "events_priority_class": "jobs-events",
    "jobsets": True,
    "platform_nodes": SYSTEM_POOL,
}


@pytest.fixture
def objects(synthesize):
    """(kind, name) -> object."""

    def objects(properties=MINIMAL):
        stack = synthesize(lambda scope: JobsAdmission(scope, "admission", JobsAdmissionProps(**properties)) and {})
        assert stack.paths == {"helm_release": ["admission/policies"]}
        release = stack.release("metaflow-admission")
        assert release["namespace"] == "argo"
        rendered = render(CHART, release["values"], name=release["name"], namespace=release["namespace"])
        return {(each["kind"], each["metadata"]["name"]): each for each in rendered}

    return objects


@pytest.mark.parametrize(
    ("properties", "names"),
    [(MINIMAL, {"jobs-pods"}), (MAXIMAL, {"jobs-pods", "jobs-sensors", "jobs-jobset"})],
    ids=["minimal", "maximal"],
)
def test_a_policy_for_each_thing_that_is_there_and_each_in_force(objects, properties, names):
    made = objects(properties)
    assert set(made) == {(kind, name) for kind in (admission.POLICY, admission.BINDING) for name in names}
    for (kind, _), each in made.items():
        assert list(admission.problems(each, names)) == []
        kubernetes_validate.validate(each, "1.31", strict=True)
        if kind == admission.POLICY:
            assert each["spec"]["failurePolicy"] == "Fail"


def test_without_workflows_no_pod_holds_a_token_and_none_is_named(objects):
    text = str(objects())
    assert "service-account-token" not in text
    assert "argoexec" not in text


def test_names_and_the_pinned_image_are_checked():
    with pytest.raises(InvalidProperties) as caught:
        JobsAdmissionProps(**MAXIMAL | {"jobs_namespace": "No", "sensor_service_account": "_", "executor_image": "any"})
    assert {each.where for each in caught.value.problems} == {
        "jobs_namespace",
        "sensor_service_account",
        "executor_image",
    }


def test_its_defaults_are_complete():
    """Without the construct it still installs."""
    alone = render(CHART, {}, name="metaflow-admission", namespace="argo")
    assert {each["metadata"]["name"] for each in alone} == {"metaflow-jobs-pods"}
