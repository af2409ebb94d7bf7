"""What services hands to people and tasks, and how it reaches cluster and database."""

import json
import re

import pytest

from tests.stacks.invariants.objects import releases

OUTPUTS = "${data.terraform_remote_state.<infra>.outputs."


@pytest.fixture
def profile(platform):
    return json.loads(platform.uploaded("metaflow-gcp/config.json"))


def test_the_providers_reach_the_cluster_by_its_dns_endpoint_with_a_short_lived_token(platform):
    """No cluster CA: the endpoint's certificate is a public one. Known defect 8 of the templates: a token on disk."""
    access = {
        "host": "https://${data.terraform_remote_state.infra.outputs.cluster_dns_endpoint}",
        "token": "${data.google_client_config.caller.access_token}",
    }
    providers = platform.stacks["services"]["provider"]
    assert providers["kubernetes"] == [access]
    assert providers["helm"] == [{"kubernetes": access}]


def test_what_is_in_the_bucket_are_the_outputs(platform):
    outputs = platform.stacks["services"]["output"]
    uploaded = platform.stacks["services"]["resource"]["google_storage_bucket_object"].values()
    for name, output in (("config.json", "client_profile"), ("description.json", "platform_description")):
        assert [each["content"] for each in uploaded if each["name"] == f"metaflow-gcp/{name}"] == [
            outputs[output]["value"]
        ]
    assert {each["bucket"] for each in uploaded} == {"${data.terraform_remote_state.infra.outputs.bucket}"}


def test_the_description_in_the_bucket_says_where_cluster_bucket_images_and_services_are(platform):
    said = json.loads(platform.uploaded("metaflow-gcp/description.json"))
    for key in ("bucket", "cluster_name", "cluster_location", "cluster_dns_endpoint"):
        assert said[key] == f"{OUTPUTS}{key}}}"
    assert said["images"] == f"{OUTPUTS}image_prefix}}"
    assert (said["project"], said["environment"]) == (platform.manifest["project"], platform.manifest["environment"])
    assert said["forwards"] == platform.manifest["forwards"]


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
    """Known defect 4 of the templates: the instructions name the wrong deployment. All URLs: test_crosscheck.py."""
    service = "${kubernetes_service_v1.<metadata-service/service/service>.metadata[0]."
    assert profile["METAFLOW_SERVICE_INTERNAL_URL"] == f"http://{service}name}}.{service}namespace}}:8080/"
    ports = {
        each.path: each.attributes["spec"]["port"][0]["port"] for each in platform.of_type("kubernetes_service_v1")
    }
    beside = {path for path in ports if path.startswith("endpoint-")}
    assert {path: ports[path] for path in ports.keys() - beside} == {
        "metadata-service/service/service": 8080,
        "ui/service/service": 8083,
    }


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
    password = "${data.google_secret_manager_secret_version.<database-password>.secret_data}"
    secrets = platform.of_type("kubernetes_secret_v1")
    assert {each.path for each in secrets} == {"metadata-service/database/secret", "ui/database/secret"}
    assert all(each.attributes["data"] == {"password": password} for each in secrets)


def test_both_services_verify_the_database_s_certificate(platform):
    """TLS alone proves nothing about who answers.

    https://www.postgresql.org/docs/16/libpq-ssl.html#LIBPQ-SSL-CERTIFICATES
    """
    authorities = platform.of_type("kubernetes_config_map_v1")
    assert len(authorities) == 2
    for each in authorities:
        assert each.attributes["data"] == {"server-ca.pem": OUTPUTS + "database_server_ca}"}
    for each in platform.of_type("kubernetes_deployment_v1"):
        [container] = each.attributes["spec"]["template"]["spec"]["container"]
        assert {"name": "MF_METADATA_DB_SSL_MODE", "value": "verify-ca"} in container["env"]


def test_the_ui_reads_the_bucket_that_tasks_write_to(profile, platform):
    [ui] = [each for each in platform.of_type("kubernetes_deployment_v1") if each.path.startswith("ui/")]
    [container] = ui.attributes["spec"]["template"]["spec"]["container"]
    told = {each["name"]: each.get("value") for each in container["env"]}
    root = profile["METAFLOW_DATASTORE_SYSROOT_GS"]
    assert told["MF_DATASTORE_ROOT"] == told["METAFLOW_DATASTORE_SYSROOT_GS"] == root
    assert told["METAFLOW_DEFAULT_DATASTORE"] == profile["METAFLOW_DEFAULT_DATASTORE"]


def test_secrets_are_those_of_the_project_by_its_number(profile, platform):
    """Metaflow's prefix takes the number, not the id."""
    assert profile["METAFLOW_DEFAULT_SECRETS_BACKEND_TYPE"] == "gcp-secret-manager"
    number = "${data.google_project.<project>.number}"
    assert profile["METAFLOW_GCP_SECRET_MANAGER_PREFIX"] == f"projects/{number}/secrets/"
    [project] = [each for each in platform.elements if (each.type, each.stack) == ("google_project", "services")]
    assert project.attributes == {"project_id": platform.manifest["project"]}


def test_the_profile_has_every_key_that_applies_and_no_toleration(profile):
    """A toleration for all puts CPU steps on GPU nodes; GKE adds the one for GPUs by itself.

    https://cloud.google.com/kubernetes-engine/docs/how-to/gpus#create
    """
    # `client_profile` of everything.toml.
    assert {key.removeprefix("METAFLOW_") for key in profile} - {"KUBERNETES_CPU"} == {
        "DEFAULT_DATASTORE",
        "DATASTORE_SYSROOT_GS",
        "DEFAULT_METADATA",
        "SERVICE_URL",
        "SERVICE_INTERNAL_URL",
        "KUBERNETES_NAMESPACE",
        "KUBERNETES_SERVICE_ACCOUNT",
        "KUBERNETES_GPU_VENDOR",
        "DEFAULT_CONTAINER_REGISTRY",
        "DEFAULT_CONTAINER_IMAGE",
        "DEFAULT_SECRETS_BACKEND_TYPE",
        "GCP_SECRET_MANAGER_PREFIX",
        "UI_URL",
        "ARGO_WORKFLOWS_UI_URL",
        "ARGO_EVENTS_EVENT_BUS",
        "ARGO_EVENTS_EVENT_SOURCE",
        "ARGO_EVENTS_EVENT",
        "ARGO_EVENTS_SERVICE_ACCOUNT",
        "ARGO_EVENTS_WEBHOOK_URL",
        "ARGO_EVENTS_INTERNAL_WEBHOOK_URL",
    }


def test_settings_reach_the_workflows(platforms):
    """How long finished ones stay."""
    for name, kept in (("minimal", (604800, 1209600)), ("everything", (86400, 604800))):
        [release] = [each for each in releases(platforms[name]) if each.name == "argo-workflows"]
        found = release.values["controller"]["workflowDefaults"]["spec"]["ttlStrategy"]
        assert (found["secondsAfterSuccess"], found["secondsAfterFailure"]) == kept
