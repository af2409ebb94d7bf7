"""Every pod is hardened, whatever starts it: our Deployments, the local chart, controllers, others' charts."""

import re

import pytest

from metaflow_gcp.checks import Checks
from metaflow_gcp.kubernetes import images
from tests.stacks.invariants.world import World

# What it copies can be read by root only, in the image that Metaflow publishes.
MAY_BE_ROOT = {"unpack"}
TALK_TO_KUBERNETES = {
    "release argo-workflows: controller": "starts the pods of workflows",
    "release argo-workflows: server": "shows workflows",
    "release argo-events: controller": "makes sensors run",
    "release jobset: controller": "starts the pods of JobSets",
    "Job metaflow-events-removal": "removes sensors before their controller goes",
}
MAY_GIVE_A_TOKEN = {
    "workflow-controller": "its pods are in the table above",
    "argo-server": "the same",
    "argo-events-controller-manager": "the same",
    "metaflow-sensor": "sensors submit workflows",
}
# Their own images; nothing of Docker Hub's, whose rate limit a pull-through spares.
OTHER_REGISTRIES = {"quay.io", "registry.k8s.io"}
WORKLOADS = re.compile(
    r"kubernetes_(deployment|stateful_set|daemon_set|daemonset|job|cron_job|pod|replication_controller)(_v1)?"
)
OF_TERRAFORM = "Deployment "


@pytest.fixture
def pods(platform):
    found = World.of(platform).pods
    assert len(found) == 10
    return found


@pytest.fixture
def containers(pods):
    """What each is called, and itself."""
    return [(f"{pod.owner}: {each['name']}", each) for pod in pods for each in pod.containers]


def test_they_are_deployments_so_that_a_pod_that_dies_comes_back(platform):
    assert {each.type for each in platform.elements if WORKLOADS.fullmatch(each.type)} == {"kubernetes_deployment_v1"}


def test_nobody_is_root_but_the_unpacking(pods):
    for pod in pods:
        assert pod.spec["securityContext"]["runAsNonRoot"] is True, pod.owner
        assert pod.spec["securityContext"]["runAsUser"] > 0, pod.owner
        for each in pod.containers:
            security = each["securityContext"]
            if each["name"] in MAY_BE_ROOT:
                assert pod.owner.startswith(OF_TERRAFORM)
                assert (security["runAsUser"], security["runAsNonRoot"]) == (0, False)
            else:
                assert security["runAsNonRoot"] is True
                assert security.get("runAsUser") != 0


def test_who_is_root_does_nothing_but_copy_and_knows_nothing(pods):
    unpacking = [each for pod in pods for each in pod.containers if each["name"] in MAY_BE_ROOT]
    assert len(unpacking) == 2
    for each in unpacking:
        copy, recursively, *folders, _ = each["command"]
        assert (copy, recursively) == ("cp", "-r")
        assert all(folder.startswith("/root/") for folder in folders)
        assert not {"env", "envFrom", "args", "ports"} & each.keys()
        # No certificate, no other's temporary files: the volume that it copies to.
        assert [mount["name"] for mount in each["volumeMounts"]] == ["app"]


def test_migrations_run_before_the_server_and_nothing_can_end_them(pods):
    """Known defect 6 of the templates: a liveness probe kills the container while it migrates the database."""
    [metadata_service] = [pod for pod in pods if pod.owner == "Deployment metadata-service"]
    assert [each["name"] for each in metadata_service.spec["initContainers"]] == ["unpack", "migrate"]
    for pod in pods:
        for each in pod.spec.get("initContainers", []):
            assert not {key for key in each if "robe" in key or key == "lifecycle"}


def test_root_file_systems_are_read_only(containers):
    for name, each in containers:
        assert each["securityContext"]["readOnlyRootFilesystem"] is True, name


def test_no_container_has_or_gets_a_capability(containers):
    for name, each in containers:
        security = each["securityContext"]
        assert security["capabilities"] == {"drop": ["ALL"]}, name
        assert security["allowPrivilegeEscalation"] is False, name
        assert not security.get("privileged"), name


def test_system_calls_are_filtered(pods):
    for pod in pods:
        assert pod.spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, pod.owner
        for each in pod.containers:
            # The kubernetes provider's default inside such a block is Unconfined.
            assert "seccompProfile" not in each["securityContext"], pod.owner


def test_only_what_talks_to_the_kubernetes_api_gets_a_token_for_it(pods):
    assert {pod.owner for pod in pods if pod.spec["automountServiceAccountToken"]} == TALK_TO_KUBERNETES.keys()


def test_accounts_give_a_token_only_where_every_pod_of_theirs_needs_it(platform):
    accounts = [each for each in World.of(platform).objects if each["kind"] == "ServiceAccount"]
    giving = {each["metadata"]["name"] for each in accounts if each["automountServiceAccountToken"]}
    assert giving == MAY_GIVE_A_TOKEN.keys()


def test_who_has_a_google_account_has_no_token_for_the_kubernetes_api(platform):
    accounts = [each for each in World.of(platform).objects if each["kind"] == "ServiceAccount"]
    of_google = [
        each for each in accounts if "iam.gke.io/gcp-service-account" in each["metadata"].get("annotations", {})
    ]
    assert {each["metadata"]["name"] for each in of_google} == {"metadata-service", "metaflow-ui", "metaflow-tasks"}
    assert not any(each["automountServiceAccountToken"] for each in of_google)


def test_no_pod_reaches_into_its_node(pods):
    for pod in pods:
        assert not {key for key in pod.spec if key.startswith("host")}, pod.owner
        for volume in pod.spec.get("volumes", []):
            assert {key for key in volume if key != "name"} <= {"configMap", "emptyDir"}, pod.owner


def test_every_container_asks_for_cpu_and_memory_and_is_held_to_its_memory(pods):
    for pod in pods:
        for each in pod.containers:
            requests, limits = each["resources"]["requests"], each["resources"]["limits"]
            assert set(requests) == {"cpu", "memory"}, pod.owner
            # Asked for is what it takes at rest: what a controller watches grows, and so does what people look at.
            assert int(limits["memory"].removesuffix("Mi")) > int(requests["memory"].removesuffix("Mi")), pod.owner


def test_every_server_leaves_its_service_before_it_is_told_to_stop(pods):
    for pod in pods:
        if not pod.owner.startswith(OF_TERRAFORM):
            continue
        [server] = pod.spec["containers"]
        program, seconds = server["lifecycle"]["preStop"]["exec"]["command"]
        assert program == "sleep", pod.owner
        assert int(seconds) < pod.spec["terminationGracePeriodSeconds"], pod.owner


def test_every_image_is_pinned(containers):
    """Known defect 20 of the templates: what runs comes from a moving branch."""
    for name, each in containers:
        checks = Checks()
        assert "${" not in each["image"]
        images.check_pinned(checks, "image", each["image"])
        assert checks.problems == [], name


def test_every_image_comes_through_our_registry_or_one_that_is_named(platforms):
    def of(name):
        return {each["image"] for pod in World.of(platforms[name]).pods for each in pod.containers}

    hub = "image-prefix-of-docker-hub.test"
    ours = {
        f"{hub}/library/nats:2.10.10",
        f"{hub}/library/python:3.12.8-slim",
        f"{hub}/natsio/nats-server-config-reloader:0.14.0",
        f"{hub}/natsio/prometheus-nats-exporter:0.14.0",
    }
    others = {each for name in platforms for each in of(name) if each.partition("/")[0] in OTHER_REGISTRIES}
    assert {each.rpartition(":")[0] for each in others} == {
        "quay.io/argoproj/argo-events",
        "quay.io/argoproj/argocli",
        "quay.io/argoproj/workflow-controller",
        "registry.k8s.io/jobset/jobset",
    }
    assert of("minimal") - others == ours | {f"{hub}/netflixoss/metaflow_metadata_service:v2.5.0"}
    assert of("everything") - others == ours | {"public.ecr.aws/outerbounds/metaflow_metadata_service:2.5.0"}


def test_the_manifest_names_every_image_that_is_pulled(platforms):
    """`metaflow-gcp preflight` asks the registries for these."""
    for name, platform in platforms.items():
        world = World.of(platform)
        listed = {each["name"] for each in platform.manifest["images"]}
        pulled = {each["image"] for pod in world.pods for each in pod.containers} | {
            world.profile["METAFLOW_DEFAULT_CONTAINER_IMAGE"]
        }
        # Docker Hub's come through the platform's own copy of it.
        from_hub = {re.sub(r"^image-prefix-of-docker-hub\.test/", "docker.io/", image) for image in pulled}
        # The controller is told the executor's image in an argument; no pod of ours has it.
        assert listed == from_hub | {"quay.io/argoproj/argoexec:v3.7.11"}, name


def test_the_manifest_names_every_chart_that_is_pulled(platforms):
    for name, platform in platforms.items():
        listed = {(each["repository"], each["name"], each["version"]) for each in platform.manifest["charts"]}
        installed = {
            (each.attributes["repository"], each.attributes["chart"], each.attributes["version"])
            for each in platform.of_type("helm_release")
            if each.attributes.get("repository")
        }
        assert listed == installed, name


def test_services_run_on_the_system_pool_and_nothing_keeps_a_task_pool_s_node(pods, platform):
    [system] = [each for each in platform.of_type("google_container_node_pool") if each.path == "system-pool/pool"]
    config = system.attributes["node_config"]
    of_every_node = {"kubernetes.io/os": "linux"}  # Kubernetes' own label; the charts' default
    for pod in pods:
        assert pod.spec["nodeSelector"].items() <= {**config["labels"], **of_every_node}.items(), pod.owner
        assert pod.spec["nodeSelector"].items() >= config["labels"].items(), pod.owner
        tolerated = {(each["key"], each["value"]) for each in pod.spec["tolerations"]}
        assert tolerated == {(each["key"], each["value"]) for each in config["taint"]}, pod.owner
