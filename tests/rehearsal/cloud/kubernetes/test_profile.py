"""What the client is told, against what there is."""

import json

import pytest

from rehearsal.cloud.kubernetes.profile import findings
from tests.rehearsal.cloud.kubernetes.shapes import about

RIGHT = {
    "METAFLOW_DATASTORE_SYSROOT_GS": "gs://things/metaflow",
    "METAFLOW_SERVICE_INTERNAL_URL": "http://app.jobs:80/",
    "METAFLOW_SERVICE_URL": "http://127.0.0.1:8080/",
    "METAFLOW_KUBERNETES_NAMESPACE": "jobs",
    "METAFLOW_KUBERNETES_SERVICE_ACCOUNT": "tasks",
    "METAFLOW_DEFAULT_CONTAINER_REGISTRY": "us-west1-docker.pkg.dev/acme/images",
    "cluster_name": "main",
    "project": "acme",
    "forwards": [{"namespace": "jobs", "service": "app"}],
}


@pytest.fixture
def said(google, kubernetes, cloud):
    google.create("google_storage_bucket", name="things", location="US")
    repository = {"repository_id": "images", "location": "us-west1", "format": "DOCKER"}
    google.create("google_artifact_registry_repository", **repository)
    kubernetes.create("kubernetes_service_account_v1", metadata=about("tasks"))
    kubernetes.create("kubernetes_service_v1", metadata=about(), spec={"port": [{"port": 80}]})

    def said(content):
        google.create("google_storage_bucket_object", name="profile", bucket="things", content=content)
        return list(findings(cloud))

    return said


def test_what_is_there(said):
    assert said(json.dumps(RIGHT)) == []


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("METAFLOW_DATASTORE_SYSROOT_GS", "gs://others/metaflow", "a bucket that does not exist: others"),
        ("METAFLOW_SERVICE_INTERNAL_URL", "http://app.jobs:81/", "a Service that does not exist, or has no such port"),
        ("METAFLOW_SERVICE_INTERNAL_URL", "http://app.metaflow:80/", "a Service that does not exist"),
        ("METAFLOW_KUBERNETES_NAMESPACE", "default", "a namespace that does not exist: default"),
        ("METAFLOW_KUBERNETES_SERVICE_ACCOUNT", "nobody", "a service account that does not exist: jobs/nobody"),
        (
            "METAFLOW_DEFAULT_CONTAINER_REGISTRY",
            "us-west1-docker.pkg.dev/acme/others",
            "a repository that does not exist",
        ),
        ("cluster_name", "other", "a google_container_cluster that does not exist: other"),
        ("project", "other", "a google_project that does not exist: other"),
        ("forwards", [{"namespace": "jobs", "service": "other"}], "a Service that does not exist: jobs/other"),
    ],
)
def test_what_is_not(said, name, value, what):
    found = said(json.dumps(RIGHT | {name: value}))
    assert any(f"google_storage_bucket_object things/profile names {what}" in each for each in found), found


@pytest.mark.parametrize("content", ["x", "[1]", '"x"'])
def test_other_files_are_not_looked_at(said, content):
    assert said(content) == []
