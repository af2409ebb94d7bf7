import json
from types import SimpleNamespace

import pytest

from metaflow_gcp.metaflow.client_profile import OBJECT_NAME, ClientProfile, ClientProfileProps
from metaflow_gcp.metaflow.client_settings import SET_BY_THE_PLATFORM

MINIMAL = {
    "bucket": "storage-acme",
    "metadata_service_url": "http://metadata-service.metaflow:8080/",
    "namespace": "metaflow-jobs",
    "service_account": "metaflow-tasks",
    "container_registry": "us-west1-docker.pkg.dev/some-project/artifact-all",
    "container_image": "us-west1-docker.pkg.dev/some-project/artifact-hub/library/python:3.11",
}


@pytest.fixture
def profile(synthesize):
    def profile(**properties):
        stack = synthesize(lambda scope: ClientProfile(scope, "profile", ClientProfileProps(**MINIMAL | properties)))
        return stack.only("google_storage_bucket_object")

    return profile


def test_minimal(profile):
    uploaded = profile()
    assert json.loads(uploaded.pop("content")) == {
        "METAFLOW_DEFAULT_DATASTORE": "gs",
        "METAFLOW_DATASTORE_SYSROOT_GS": "gs://storage-acme/metaflow",
        "METAFLOW_DEFAULT_METADATA": "service",
        "METAFLOW_SERVICE_URL": "http://127.0.0.1:8080/",
        "METAFLOW_SERVICE_INTERNAL_URL": "http://metadata-service.metaflow:8080/",
        "METAFLOW_KUBERNETES_NAMESPACE": "metaflow-jobs",
        "METAFLOW_KUBERNETES_SERVICE_ACCOUNT": "metaflow-tasks",
        "METAFLOW_KUBERNETES_GPU_VENDOR": "nvidia",
        "METAFLOW_DEFAULT_CONTAINER_REGISTRY": "us-west1-docker.pkg.dev/some-project/artifact-all",
        "METAFLOW_DEFAULT_CONTAINER_IMAGE": "us-west1-docker.pkg.dev/some-project/artifact-hub/library/python:3.11",
    }
    assert uploaded == {
        "bucket": "storage-acme",
        "name": OBJECT_NAME,
        "content_type": "application/json",
        "cache_control": "no-cache",  # else people get yesterday's for an hour
    }


EVENTS = SimpleNamespace(
    event_bus="default",
    event_source="argo-events-webhook",
    event="metaflow-event",
    service_account="metaflow-events",
    webhook_path="/metaflow-event",
    webhook_url_internal="http://argo-events-webhook-eventsource-svc.metaflow-jobs:12000/metaflow-event",
)


def test_maximal(profile):
    content = json.loads(
        profile(secrets_prefix="projects/42/secrets/", ui=True, argo_workflows=True, events=EVENTS)["content"]
    )
    minimal = json.loads(profile()["content"])
    assert {key: value for key, value in content.items() if key not in minimal} == {
        "METAFLOW_DEFAULT_SECRETS_BACKEND_TYPE": "gcp-secret-manager",
        "METAFLOW_GCP_SECRET_MANAGER_PREFIX": "projects/42/secrets/",
        "METAFLOW_UI_URL": "http://127.0.0.1:8083",
        "METAFLOW_ARGO_WORKFLOWS_UI_URL": "http://127.0.0.1:2746",
        "METAFLOW_ARGO_EVENTS_EVENT_BUS": "default",
        "METAFLOW_ARGO_EVENTS_EVENT_SOURCE": "argo-events-webhook",
        "METAFLOW_ARGO_EVENTS_EVENT": "metaflow-event",
        "METAFLOW_ARGO_EVENTS_SERVICE_ACCOUNT": "metaflow-events",
        "METAFLOW_ARGO_EVENTS_WEBHOOK_URL": "http://127.0.0.1:12000/metaflow-event",
        "METAFLOW_ARGO_EVENTS_INTERNAL_WEBHOOK_URL": EVENTS.webhook_url_internal,
    }
    assert content.items() >= minimal.items()


def test_what_the_platform_sets_is_nobody_else_s_to_set(profile):
    content = json.loads(
        profile(secrets_prefix="projects/42/secrets/", ui=True, argo_workflows=True, events=EVENTS)["content"]
    )
    assert content.keys() == SET_BY_THE_PLATFORM


def test_further_settings_of_the_client(profile, refused):
    assert json.loads(profile(further={"METAFLOW_KUBERNETES_CPU": "2"})["content"])["METAFLOW_KUBERNETES_CPU"] == "2"
    wrong = {"METAFLOW_SERVICE_URL": "http://127.0.0.1"}
    refused(lambda: ClientProfileProps(**MINIMAL, further=wrong), "further.METAFLOW_SERVICE_URL", "remove")


def test_no_task_tolerates_gpu_nodes_by_default_for_cpu_steps_would_take_them(profile):
    """Metaflow 2.19, kubernetes_decorator.py: every step without tolerations of its own gets them."""
    assert "TOLERATIONS" not in profile()["content"]


def test_it_names_no_key_that_metaflow_does_not_read(profile):
    """Metaflow 2.19, metaflow_config.py: it reads DEFAULT_CONTAINER_REGISTRY."""
    assert "DOCKER_REGISTRY" not in profile()["content"]


def test_the_profile_lies_beside_the_artifacts_not_among_them():
    assert not OBJECT_NAME.startswith("metaflow/")


@pytest.mark.parametrize(
    ("properties", "where", "said"),
    [
        ({"namespace": "Jobs"}, "namespace", "up to 63"),
        ({"service_account": "Tasks"}, "service_account", "up to 63"),
        ({"container_image": "python"}, "container_image", "a tag other than latest"),
        ({"container_image": "python:latest"}, "container_image", "a tag other than latest"),
    ],
)
def test_what_is_wrong_is_refused(properties, where, said, refused):
    refused(lambda: ClientProfileProps(**MINIMAL | properties), where, said)
