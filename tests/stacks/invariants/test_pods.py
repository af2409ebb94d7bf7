"""Every pod of ours is hardened, whatever stack or construct it comes from."""

import re

import pytest

from metaflow_gcp import images
from metaflow_gcp.checks import Checks

# The migration's files can be read by root only, in the image that Metaflow publishes.
MAY_BE_ROOT = {"migrate"}
WORKLOADS = re.compile(
    r"kubernetes_(deployment|stateful_set|daemon_set|daemonset|job|cron_job|pod|replication_controller)(_v1)?"
)
IMAGE_AFTER_REFERENCE = re.compile(r"\$\{[^}]+\}/")


@pytest.fixture
def pods(platform):
    """What each pod is specified by."""

    def specs(value):
        if isinstance(value, dict):
            if "container" in value:
                yield value
            for each in value.values():
                yield from specs(each)
        elif isinstance(value, list):
            for each in value:
                yield from specs(each)

    found = [spec for each in platform.elements if WORKLOADS.fullmatch(each.type) for spec in specs(each.attributes)]
    assert found
    return found


def containers(pods):
    return [each for pod in pods for kind in ("container", "init_container") for each in pod.get(kind, [])]


def test_they_are_deployments_so_that_a_pod_that_dies_comes_back(platform):
    assert {each.type for each in platform.elements if WORKLOADS.fullmatch(each.type)} == {"kubernetes_deployment_v1"}


def test_nobody_is_root_but_the_migration(pods):
    for pod in pods:
        assert pod["security_context"]["run_as_non_root"] is True
        assert int(pod["security_context"]["run_as_user"]) > 0
        for each in containers([pod]):
            security = each["security_context"]
            if each["name"] in MAY_BE_ROOT:
                assert (security["run_as_user"], security["run_as_non_root"]) == ("0", False)
            else:
                assert security["run_as_non_root"] is True
                assert security.get("run_as_user") != "0"


def test_root_file_systems_are_read_only(pods):
    assert all(each["security_context"]["read_only_root_filesystem"] is True for each in containers(pods))


def test_no_container_has_or_gets_a_capability(pods):
    for each in containers(pods):
        security = each["security_context"]
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert security["allow_privilege_escalation"] is False
        assert not security.get("privileged")


def test_system_calls_are_filtered(pods):
    for pod in pods:
        assert pod["security_context"]["seccomp_profile"] == {"type": "RuntimeDefault"}
        for each in containers([pod]):
            # The provider's default inside such a block is Unconfined.
            assert "seccomp_profile" not in each["security_context"]


def test_no_pod_gets_a_token_for_the_kubernetes_api(pods, platform):
    assert all(pod["automount_service_account_token"] is False for pod in pods)
    for account in platform.of_type("kubernetes_service_account_v1"):
        assert account.attributes["automount_service_account_token"] is False


def test_no_pod_reaches_into_its_node(pods):
    for pod in pods:
        assert not {key for key in pod if key.startswith("host_")}
        assert not [volume["name"] for volume in pod.get("volume", []) if "host_path" in volume]


def test_every_container_asks_for_cpu_and_memory_and_is_held_to_its_memory(pods):
    for each in containers(pods):
        assert set(each["resources"]["requests"]) == {"cpu", "memory"}
        assert each["resources"]["limits"]["memory"] == each["resources"]["requests"]["memory"]


def test_all_idle_services_together_ask_for_less_than_half_a_cpu(pods):
    """Known defect 13 of the templates: 4.5 CPU and 6 GiB."""
    requests = [container["resources"]["requests"] for pod in pods for container in pod["container"]]
    assert sum(int(each["cpu"].removesuffix("m")) for each in requests) < 500
    assert sum(int(each["memory"].removesuffix("Mi")) for each in requests) <= 1024


def test_every_image_is_pinned(pods):
    """Known defect 20 of the templates: what runs comes from a moving branch."""
    for each in containers(pods):
        checks = Checks()
        image = IMAGE_AFTER_REFERENCE.sub("registry.example/", each["image"])
        assert "${" not in image
        images.check_pinned(checks, "image", image)
        assert checks.problems == []


def test_every_image_comes_through_our_registry_or_one_that_is_named(platforms):
    def of(name):
        return {
            each["image"]
            for each in platforms[name].only("kubernetes_deployment_v1")["spec"]["template"]["spec"]["container"]
        }

    hub = "${data.terraform_remote_state.<infra>.outputs.image_prefix_of_docker_hub}"
    assert of("minimal") == {f"{hub}/netflixoss/metaflow_metadata_service:2.5.0"}
    assert of("everything") == {"public.ecr.aws/outerbounds/metaflow_metadata_service:2.5.0"}


def test_services_run_on_the_system_pool_and_nothing_keeps_a_task_pool_s_node(pods, platform):
    [system] = [each for each in platform.of_type("google_container_node_pool") if each.path == "system-pool/pool"]
    config = system.attributes["node_config"]
    for pod in pods:
        assert pod["node_selector"].items() <= config["labels"].items()
        tolerated = {(each["key"], each["value"]) for each in pod["toleration"]}
        assert tolerated == {(each["key"], each["value"]) for each in config["taint"]}
