import pytest

from metaflow_gcp.kubernetes.placement import SYSTEM_POOL
from metaflow_gcp.kubernetes.size import Size
from metaflow_gcp.metaflow.argo.events import ArgoEvents, ArgoEventsProps
from metaflow_gcp.metaflow.argo.events_values import Sizes

MINIMAL = {"namespace": "argo", "jobs_namespace": "metaflow-jobs"}
MAXIMAL = MINIMAL | {
    "chart_version": "2.4.22",
    "sensor_service_account": "sensors",
    "event_bus_replicas": 3,
    "event_bus_volume_gib": 20,
    "storage_class": "premium-rwo",
    "docker_hub": "us-west1-docker.pkg.dev/some-project/hub",
    "sizes": Sizes(controller=Size(cpu="1", memory="1Gi", memory_limit="2Gi")),
    "placement": SYSTEM_POOL,
}


@pytest.fixture
def events(synthesize):
    def events(properties=MINIMAL, then=lambda made: None):
        return synthesize(lambda scope: then(ArgoEvents(scope, "events", ArgoEventsProps(**properties))))

    return events


def controller(stack):
    return stack.release("argo-events")["values"]


def own(stack):
    return stack.release("metaflow-events")["values"]


def test_minimal_the_construct_ids_are_a_contract(events):
    assert events().paths == {
        "helm_release": ["events/events", "events/release"],
        "kubernetes_network_policy_v1": ["events/release-network-policy"],
        "kubernetes_role_binding_v1": ["events/controller/binding", "events/sensors/binding"],
        "kubernetes_role_v1": ["events/controller/role", "events/sensors/role"],
        "kubernetes_service_account_v1": ["events/controller-account/account", "events/sensors-account/account"],
    }


def test_maximal(events, holds):
    stack = events(MAXIMAL)
    holds(controller(stack), {"controller": {"resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}})
    holds(own(stack), {"eventBus": {"replicas": 3, "volumeSize": "20Gi", "storageClass": "premium-rwo"}})
    assert stack["kubernetes_service_account_v1"]["events/sensors-account/account"]["metadata"]["name"] == "sensors"


def test_the_chart_is_pinned(events, holds):
    """Known defect 20 of the templates."""
    holds(
        events().release("argo-events"),
        {
            "repository": "https://argoproj.github.io/argo-helm",
            "chart": "argo-events",
            "version": "2.4.22",
            "namespace": "argo",
        },
    )


def test_events_are_a_construct_of_their_own(events):
    """Known defect 2 of the templates: Argo Events is installed even with Argo switched off."""
    assert {each["name"] for each in events()["helm_release"].values()} == {"argo-events", "metaflow-events"}


@pytest.mark.parametrize("name", ["argo-events", "metaflow-events"])
def test_apply_returns_when_it_works(events, holds, name):
    """Known defect 14 of the templates: `apply` returns before anything works."""
    holds(
        events().release(name),
        {"wait": True, "wait_for_jobs": True, "atomic": True, "cleanup_on_fail": True, "create_namespace": False},
    )


def test_bus_and_webhook_come_after_their_controller_and_go_before_it(events):
    assert events().release("metaflow-events")["depends_on"] == ["helm_release.<events/release>"]


def test_the_controller_comes_after_its_rights_and_its_policy(events):
    assert set(events().release("argo-events")["depends_on"]) == {
        "kubernetes_role_binding_v1.<events/controller/binding>",
        "kubernetes_network_policy_v1.<events/release-network-policy>",
    }


def test_the_controller_sees_one_namespace_and_has_its_rights_there(events):
    stack = events()
    rbac = controller(stack)["controller"]["rbac"]
    assert rbac == {"enabled": False, "namespaced": True, "managedNamespace": "metaflow-jobs"}
    assert {each["metadata"]["namespace"] for each in stack["kubernetes_role_v1"].values()} == {"metaflow-jobs"}
    assert controller(stack)["createAggregateRoles"] is False
    role = stack["kubernetes_role_v1"]["events/controller/role"]
    allowed = {resource: set(rule["verbs"]) for rule in role["rule"] for resource in rule["resources"]}
    for kind in ("sensors", "eventsources", "eventbus"):
        assert allowed[kind] == {"list", "watch", "update"}
        assert allowed[f"{kind}/status"] == {"update"}
    for made in ("deployments", "statefulsets", "services", "configmaps"):
        assert allowed[made] == {"create", "list", "watch", "update"}
    assert allowed["persistentvolumeclaims"] == {"list", "watch", "delete"}, "the bus's disks go with the bus"
    assert allowed["secrets"] == {"create", "list", "delete"}
    assert "pods" not in allowed
    assert "pods/exec" not in allowed


def test_sensors_start_workflows_and_do_nothing_else(events):
    stack = events()
    assert stack["kubernetes_role_v1"]["events/sensors/role"]["rule"] == [
        {"api_groups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["create"]}
    ]
    account = stack["kubernetes_service_account_v1"]["events/sensors-account/account"]
    assert account["automount_service_account_token"] is True
    assert account["metadata"]["namespace"] == "metaflow-jobs"


@pytest.mark.parametrize(("who", "namespace"), [("controller", "argo"), ("sensors", "metaflow-jobs")])
def test_roles_are_bound_to_accounts_that_exist(events, who, namespace):
    """Known defect 7 of the templates: a role binding names a service account that does not exist."""
    stack = events()
    [subject] = stack["kubernetes_role_binding_v1"][f"events/{who}/binding"]["subject"]
    path = f"events/{who}-account/account"
    assert subject["name"] == f"${{kubernetes_service_account_v1.<{path}>.metadata[0].name}}"
    assert stack["kubernetes_service_account_v1"][path]["metadata"]["namespace"] == namespace
    assert subject["namespace"] == namespace


def test_the_controller_runs_as_the_account_that_has_the_rights(events):
    assert controller(events())["controller"]["serviceAccount"] == {
        "create": False,
        "name": "${kubernetes_service_account_v1.<events/controller-account/account>.metadata[0].name}",
    }


def test_what_metaflow_s_configuration_needs(events):
    names = ("namespace", "service_account", "event_bus", "event_source", "event", "webhook_url_internal")
    stack = events(then=lambda made: {name: getattr(made, name) for name in names})
    assert stack.values == {
        "namespace": "metaflow-jobs",
        "service_account": "${kubernetes_service_account_v1.<events/sensors-account/account>.metadata[0].name}",
        "event_bus": "default",
        "event_source": "argo-events-webhook",
        "event": "metaflow-event",
        "webhook_url_internal": "http://argo-events-webhook-eventsource-svc.metaflow-jobs:12000/metaflow-event",
    }


def test_nobody_connects_to_the_controller(events):
    spec = events().only("kubernetes_network_policy_v1")["spec"]
    assert spec == {
        "pod_selector": {"match_labels": {"app.kubernetes.io/instance": "argo-events"}},
        "policy_types": ["Ingress"],
    }


def test_nothing_stays_after_a_destroy(events):
    assert controller(events())["crds"] == {"install": True, "keep": False}


def test_the_controller_knows_one_version_of_the_bus_and_it_is_the_bus_s(events):
    stack = events()
    [version] = controller(stack)["configs"]["jetstream"]["versions"]
    assert version["version"] == own(stack)["eventBus"]["version"]


def test_images_of_docker_hub_are_fully_named_or_pulled_through(events):
    for properties, prefix in ((MINIMAL, "docker.io"), (MAXIMAL, MAXIMAL["docker_hub"])):
        stack = events(properties)
        [version] = controller(stack)["configs"]["jetstream"]["versions"]
        images = [value for key, value in version.items() if key.endswith("Image")] + [own(stack)["hooks"]["image"]]
        assert len(images) == 4
        assert all(image.startswith(f"{prefix}/") for image in images)


def test_no_image_is_whatever_was_pushed_last(events):
    """Known defect 20 of the templates; the chart's own tables start with `latest`."""
    tables = controller(events())["configs"]
    versions = [*tables["jetstream"]["versions"], *tables["nats"]["versions"]]
    tags = [value.rpartition(":")[2] for each in versions for key, value in each.items() if key.endswith("Image")]
    assert len(tags) == 5
    assert "latest" not in tags
    assert "latest" not in [each["version"] for each in versions]


def test_pods_keep_to_the_restricted_profile(events, holds):
    stack = events()
    pod = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    container = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
    }
    holds(controller(stack)["global"]["securityContext"], pod)
    holds(controller(stack)["controller"]["containerSecurityContext"], container)
    holds(own(stack), {"podSecurityContext": pod, "containerSecurityContext": container})


def test_the_bus_may_write_to_its_disk(events):
    security = own(events())["podSecurityContext"]
    assert security["fsGroup"] == security["runAsGroup"]


def test_all_of_it_runs_on_the_system_pool(events):
    stack = events(MAXIMAL)
    for place in (controller(stack)["controller"], own(stack)["placement"]):
        assert place["nodeSelector"] == SYSTEM_POOL.labels
        assert len(place["tolerations"]) == 1


def test_every_container_asks_for_what_it_needs_and_ends_before_the_node_does(events):
    """Known defect 13 of the templates: what idles asks for 4.5 CPU and 6 GiB."""
    stack = events()
    every = [
        controller(stack)["controller"]["resources"],
        own(stack)["eventSource"]["resources"],
        own(stack)["hooks"]["resources"],
        *own(stack)["eventBus"]["resources"].values(),
    ]
    assert len(every) == 6
    for resources in every:
        assert resources["requests"].keys() == {"cpu", "memory"}
        assert resources["limits"].keys() == {"memory"}


def test_pods_that_the_controller_makes_are_not_pulled_again(events):
    assert controller(events())["controller"]["env"] == [{"name": "IMAGE_PULL_POLICY", "value": "IfNotPresent"}]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"chart_version": "2.4.0"}, "2.4.22"),
        ({"event_bus_replicas": 2}, "1, 3, 5"),
        ({"event_bus_replicas": 0}, "1, 3, 5"),
        ({"event_bus_volume_gib": 1}, "10 to 1000 GiB"),
        ({"namespace": "Argo"}, "up to 63"),
        ({"jobs_namespace": "jobs_"}, "up to 63"),
        ({"sensor_service_account": "s" * 64}, "at most 63"),
    ],
)
def test_refused(given, said, refused):
    [where] = given
    refused(lambda: ArgoEventsProps(**MINIMAL | given), where, said)
