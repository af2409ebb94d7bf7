"""What services hands to people and tasks, and how it reaches cluster and database."""

import json
import re

import pytest

OUTPUTS = "${data.terraform_remote_state.<infra>.outputs."


@pytest.fixture
def profile(platform):
    return json.loads(platform.only("google_storage_bucket_object")["content"])


def test_the_provider_reaches_the_cluster_by_its_dns_endpoint_with_a_short_lived_token(platform):
    """No cluster CA: the endpoint's certificate is a public one. Known defect 8: a token on disk."""
    assert platform.stacks["services"]["provider"]["kubernetes"] == [
        {
            "host": "https://${data.terraform_remote_state.infra.outputs.cluster_dns_endpoint}",
            "token": "${data.google_client_config.caller.access_token}",
        }
    ]


def test_the_profile_in_the_bucket_is_the_output(platform):
    output = platform.stacks["services"]["output"]["client_profile"]["value"]
    [uploaded] = platform.stacks["services"]["resource"]["google_storage_bucket_object"].values()
    assert uploaded["content"] == output
    assert uploaded["bucket"] == "${data.terraform_remote_state.infra.outputs.bucket}"


def test_tasks_run_in_the_namespace_and_as_the_account_that_are_bound_to_google_s(profile, platform):
    """Known defect 3 of the templates: the namespace is `default`, the bound account lives in another."""
    namespace, account = profile["METAFLOW_KUBERNETES_NAMESPACE"], profile["METAFLOW_KUBERNETES_SERVICE_ACCOUNT"]
    assert namespace == "${kubernetes_namespace_v1.<namespaces/jobs>.metadata[0].name}"
    assert account == "${kubernetes_service_account_v1.<tasks-account/account>.metadata[0].name}"
    [tasks] = [each for each in platform.of_type("kubernetes_service_account_v1") if each.path.startswith("tasks")]
    assert tasks.attributes["metadata"]["namespace"] == namespace
    assert tasks.attributes["metadata"]["annotations"] == {
        "iam.gke.io/gcp-service-account": OUTPUTS + "tasks_service_account}"
    }


def test_tasks_reach_the_service_that_is_there(profile, platform):
    """Known defect 4 of the templates: the instructions name the wrong deployment."""
    service = "${kubernetes_service_v1.<metadata-service/service/service>.metadata[0]."
    assert profile["METAFLOW_SERVICE_INTERNAL_URL"] == f"http://{service}name}}.{service}namespace}}:8080/"
    [port] = platform.only("kubernetes_service_v1")["spec"]["port"]
    assert port["port"] == 8080


def test_every_image_named_without_a_registry_comes_through_one_prefix(profile):
    assert profile["METAFLOW_DEFAULT_CONTAINER_REGISTRY"] == OUTPUTS + "image_prefix_of_all}"


def test_the_default_image_has_its_registry_and_tag(profile):
    image = profile["METAFLOW_DEFAULT_CONTAINER_IMAGE"]
    assert image.startswith(OUTPUTS + "image_prefix_of_docker_hub}/")
    assert re.search(r":[\w.]+$|@sha256:[0-9a-f]{64}$", image)


def test_the_password_is_read_where_it_is_kept(platform):
    [version] = [each for each in platform.elements if each.type == "google_secret_manager_secret_version"][-1:]
    assert version.stack == "services"
    assert version.attributes["secret"] == OUTPUTS + "database_password_secret}"
    secret = platform.only("kubernetes_secret_v1")
    password = "${data.google_secret_manager_secret_version.<database-password>.secret_data}"
    assert secret["data"] == {"password": password}


def test_there_is_nothing_yet_of_what_is_switched_on_later(platform):
    """Known defect 2 of the templates: Argo Events is installed even with Argo switched off."""
    assert not [each.where for each in platform.elements if each.type.startswith("helm_") or "argo" in each.where]


def test_people_get_roles_in_the_cluster_where_access_names_them(platforms):
    assert platforms["minimal"].of_type("kubernetes_role_binding_v1") == []
    bound = {
        each.path: [subject["name"] for subject in each.attributes["subject"]]
        for each in platforms["everything"].elements
        if each.type in ("kubernetes_role_binding_v1", "kubernetes_cluster_role_binding_v1")
    }
    users = ["ada@example.com", "ml-team@example.com"]
    assert bound == {
        "people/run-tasks-binding": users,
        "people/forward-ports-binding": users,
        "people/admins": ["platform@example.com", "ci@acme-metaflow.iam.gserviceaccount.com"],
    }
