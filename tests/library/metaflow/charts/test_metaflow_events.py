"""Our own chart, rendered by real Helm with the values that the construct gives it."""

import json
import re
from pathlib import Path

import kubernetes_validate
import pytest

import metaflow_gcp
from metaflow_gcp.kubernetes.placement import SYSTEM_POOL
from metaflow_gcp.kubernetes.size import Size
from metaflow_gcp.metaflow.argo.events import ArgoEvents, ArgoEventsProps
from metaflow_gcp.metaflow.argo.events_values import Sizes
from rehearsal.cloud import charts
from rehearsal.cloud.render import render

CHART = Path(metaflow_gcp.__file__).parent / "metaflow/charts/metaflow-events"
MINIMAL = {"namespace": "argo", "jobs_namespace": "jobs"}
MAXIMAL = MINIMAL | {"event_bus_replicas": 5, "placement": SYSTEM_POOL}


@pytest.fixture
def made(synthesize):
    """The construct's release, and what others need to know of it."""

    def made(properties=MINIMAL):
        def build(scope):
            events = ArgoEvents(scope, "events", ArgoEventsProps(**properties))
            return {
                name: getattr(events, name)
                for name in ("event_bus", "event_source", "event", "webhook_service", "webhook_port", "webhook_path")
            }

        stack = synthesize(build)
        return stack.release("metaflow-events"), stack.values

    return made


@pytest.fixture
def objects(made):
    """(kind, name) -> object."""
    known = {}

    def objects(properties=MINIMAL):
        if id(properties) not in known:
            release, _ = made(properties)
            rendered = render(CHART, release["values"], name=release["name"], namespace=release["namespace"])
            known[id(properties)] = {(each["kind"], each["metadata"]["name"]): each for each in rendered}
        return known[id(properties)]

    return objects


@pytest.fixture
def bus(objects):
    return lambda properties=MINIMAL: objects(properties)["EventBus", "default"]["spec"]["jetstream"]


def labels(kind, name):
    """What the controller gives the pods that it makes of such an object."""
    return {key: value.format(name=name) for key, value in charts.makes()[kind]["labels"].items()}


def jobs(objects):
    return {name: each for (kind, name), each in objects.items() if kind == "Job"}


def test_its_objects(objects):
    assert set(objects()) == {
        ("EventBus", "default"),
        ("EventSource", "argo-events-webhook"),
        ("Job", "metaflow-events-ready"),
        ("Job", "metaflow-events-removal"),
        ("NetworkPolicy", "metaflow-events-bus"),
        ("NetworkPolicy", "metaflow-events-webhook"),
        ("PriorityClass", "jobs-events"),
        ("Role", "metaflow-events-removal"),
        ("RoleBinding", "metaflow-events-removal"),
        ("Service", "argo-events-webhook-eventsource-svc"),
        ("ServiceAccount", "metaflow-events"),
        ("ServiceAccount", "metaflow-events-removal"),
    }


def test_bus_and_webhook_have_a_class_of_their_own_and_come_before_nobody(objects):
    """The quota of tasks leaves it out."""
    made = objects()
    assert made["EventBus", "default"]["spec"]["jetstream"]["priorityClassName"] == "jobs-events"
    assert made["EventSource", "argo-events-webhook"]["spec"]["template"]["priorityClassName"] == "jobs-events"
    assert made["PriorityClass", "jobs-events"]["value"] == 0
    assert not made["PriorityClass", "jobs-events"].get("globalDefault")


@pytest.mark.parametrize("properties", [MINIMAL, MAXIMAL], ids=["minimal", "maximal"])
def test_what_stays_is_in_the_jobs_namespace_and_what_helm_runs_is_not(objects, properties):
    """Where tasks run, others could run as the removal's account, and no pod gets onto the platform's nodes."""
    elsewhere = {
        key for key, each in objects(properties).items() if each["metadata"].get("namespace", "jobs") != "jobs"
    }
    assert elsewhere == {
        ("Job", "metaflow-events-ready"),
        ("Job", "metaflow-events-removal"),
        ("ServiceAccount", "metaflow-events-removal"),
    }
    assert {objects(properties)[key]["metadata"]["namespace"] for key in elsewhere} == {"argo"}


def test_the_removal_s_account_and_its_rights_are_there_only_while_it_runs(objects):
    for kind in ("ServiceAccount", "Role", "RoleBinding", "Job"):
        annotations = objects()[kind, "metaflow-events-removal"]["metadata"]["annotations"]
        assert annotations["helm.sh/hook"] == "pre-delete"
        assert "hook-succeeded" in annotations["helm.sh/hook-delete-policy"]
        # Helm makes them in the order of their weights; the job has none, which is 0.
        assert int(annotations.get("helm.sh/hook-weight", "0")) == (0 if kind == "Job" else -1)


@pytest.mark.parametrize("version", ["1.31", kubernetes_validate.latest_version()])
@pytest.mark.parametrize("properties", [MINIMAL, MAXIMAL], ids=["minimal", "maximal"])
def test_kubernetes_takes_them(objects, properties, version):
    own = [each for each in objects(properties).values() if not each["apiVersion"].startswith("argoproj.io")]
    assert len(own) >= 9
    for each in own:
        kubernetes_validate.validate(each, version, strict=True)


def test_every_value_that_the_construct_sets_is_one_that_the_chart_has(made):
    release, _ = made(MAXIMAL)
    defaults = charts.find({"chart": str(CHART)}).defaults
    assert not list(charts.unknown(release["values"], defaults))


def test_the_webhook_s_service_selects_the_webhook_s_pods(objects):
    """Known defect 1 of the templates, there of the UI: a Service that selects nothing."""
    selector = objects()["Service", "argo-events-webhook-eventsource-svc"]["spec"]["selector"]
    assert selector.items() <= labels("EventSource", "argo-events-webhook").items()


def test_the_service_is_what_the_construct_says(objects, made):
    _, said = made()
    service = objects()["Service", said["webhook_service"]]
    [port] = service["spec"]["ports"]
    assert port["port"] == port["targetPort"] == said["webhook_port"]
    source = objects()["EventSource", said["event_source"]]["spec"]
    assert source["eventBusName"] == said["event_bus"]
    assert source["webhook"] == {
        said["event"]: {"port": str(said["webhook_port"]), "endpoint": said["webhook_path"], "method": "POST"}
    }


def test_the_controller_makes_no_second_service(objects):
    assert "service" not in objects()["EventSource", "argo-events-webhook"]["spec"]


def test_only_pods_of_the_jobs_namespace_and_helm_s_reach_the_webhook(objects):
    spec = objects()["NetworkPolicy", "metaflow-events-webhook"]["spec"]
    assert spec["podSelector"]["matchLabels"].items() <= labels("EventSource", "argo-events-webhook").items()
    assert spec["policyTypes"] == ["Ingress"]
    [rule] = spec["ingress"]
    assert rule["ports"] == [{"port": 12000, "protocol": "TCP"}]
    everybody, helm = rule["from"]
    assert everybody == {"podSelector": {}}
    assert helm["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "argo"}
    ready = jobs(objects())["metaflow-events-ready"]["spec"]["template"]["metadata"]["labels"]
    assert helm["podSelector"]["matchLabels"].items() <= ready.items()


def test_only_event_sources_and_sensors_reach_the_bus(objects):
    spec = objects()["NetworkPolicy", "metaflow-events-bus"]["spec"]
    assert spec["podSelector"]["matchLabels"].items() <= labels("EventBus", "default").items()
    clients, itself = spec["ingress"]
    selectors = [each["podSelector"]["matchLabels"] for each in clients["from"]]
    assert selectors[0].items() <= labels("EventSource", "argo-events-webhook").items()
    assert selectors[1].items() <= labels("Sensor", "any").items()
    assert len(selectors) == 2
    assert [port["port"] for port in clients["ports"]] == [4222]
    assert [each["podSelector"]["matchLabels"] for each in itself["from"]] == [spec["podSelector"]["matchLabels"]]


def test_a_bus_of_one_keeps_one_of_each_message_on_a_disk(bus):
    """The controller's default is three, which one server refuses."""
    assert bus()["replicas"] == 1
    assert re.findall(r"replicas: (\d+)", bus()["streamConfig"]) == ["1"]
    assert bus()["persistence"] == {
        "accessMode": "ReadWriteOnce",
        "storageClassName": "standard-rwo",
        "volumeSize": "10Gi",
    }


def test_a_larger_bus_keeps_three_and_spreads_and_survives_upgrades(bus, objects):
    assert bus(MAXIMAL)["replicas"] == 5
    assert re.findall(r"replicas: (\d+)", bus(MAXIMAL)["streamConfig"]) == ["3"]
    [term] = bus(MAXIMAL)["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    budget = objects(MAXIMAL)["PodDisruptionBudget", "metaflow-events-bus"]["spec"]
    for selector in (term["podAffinityTerm"]["labelSelector"], budget["selector"]):
        assert selector["matchLabels"].items() <= labels("EventBus", "default").items()
    assert budget["maxUnavailable"] == 1


def test_a_single_pod_has_no_budget(objects):
    """It would stop every upgrade of its node."""
    assert not [kind for kind, _ in objects() if kind == "PodDisruptionBudget"]


def pods(objects):
    """What it is, the object's part about the pod, and that about a container."""
    jetstream = objects["EventBus", "default"]["spec"]["jetstream"]
    for container in ("containerTemplate", "metricsContainerTemplate", "reloaderContainerTemplate"):
        yield f"bus {container}", jetstream, jetstream[container]
    template = objects["EventSource", "argo-events-webhook"]["spec"]["template"]
    yield "webhook", template, template["container"]
    for name, job in jobs(objects).items():
        pod = job["spec"]["template"]["spec"]
        [container] = pod["containers"]
        yield name, pod, container


def test_every_pod_keeps_to_the_restricted_profile(objects):
    every = list(pods(objects()))
    assert len(every) == 6
    for what, pod, container in every:
        security = container["securityContext"]
        assert pod["securityContext"]["runAsNonRoot"] is True, what
        assert pod["securityContext"]["runAsUser"] > 0, what
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, what
        assert security["allowPrivilegeEscalation"] is False, what
        assert security["readOnlyRootFilesystem"] is True, what
        assert security["capabilities"] == {"drop": ["ALL"]}, what
        assert container["imagePullPolicy"] == "IfNotPresent", what


def test_every_container_gets_its_own_size(objects):
    names = ("event_bus", "exporter", "reloader", "event_source", "hook", "hook")
    sizes = {
        name: Size(cpu=f"{number}m", memory=f"{number}Mi", memory_limit="1Gi")
        for number, name in enumerate(dict.fromkeys(names), 1)
    }
    for name, (what, _, container) in zip(names, pods(objects(MINIMAL | {"sizes": Sizes(**sizes)})), strict=True):
        assert container["resources"] == sizes[name].values, what


def test_every_pod_runs_on_the_system_pool(objects):
    for what, pod, _ in pods(objects(MAXIMAL)):
        assert pod["nodeSelector"] == SYSTEM_POOL.labels, what
        assert [each["key"] for each in pod["tolerations"]] == [each.key for each in SYSTEM_POOL.taints], what


def test_accounts_are_there_and_only_the_removal_has_a_token(objects):
    """Known defect 7 of the templates: accounts that do not exist."""
    accounts = {name: each for (kind, name), each in objects().items() if kind == "ServiceAccount"}
    assert not any(each["automountServiceAccountToken"] for each in accounts.values())
    for what, pod, _ in pods(objects()):
        # Kubernetes makes `default` in every namespace. It may do nothing.
        assert pod["serviceAccountName"] in {*accounts, "default"}, what
        assert pod.get("automountServiceAccountToken", False) is (what == "metaflow-events-removal")
    binding = objects()["RoleBinding", "metaflow-events-removal"]
    [subject] = binding["subjects"]
    assert (
        subject["name"] == jobs(objects())["metaflow-events-removal"]["spec"]["template"]["spec"]["serviceAccountName"]
    )
    assert ("Role", binding["roleRef"]["name"]) in objects()


def test_the_removal_may_list_and_delete_sensors_and_nothing_else(objects):
    assert objects()["Role", "metaflow-events-removal"]["rules"] == [
        {"apiGroups": ["argoproj.io"], "resources": ["sensors"], "verbs": ["list", "deletecollection"]}
    ]


def test_helm_waits_for_the_webhook_and_removes_sensors_first(objects, made):
    """Known defect 14 of the templates: `apply` returns before anything works."""
    _, said = made()
    ready, removal = (jobs(objects())[f"metaflow-events-{name}"] for name in ("ready", "removal"))
    assert ready["metadata"]["annotations"]["helm.sh/hook"] == "post-install,post-upgrade"
    assert removal["metadata"]["annotations"]["helm.sh/hook"] == "pre-delete"
    [container] = ready["spec"]["template"]["spec"]["containers"]
    assert container["args"] == [f"http://{said['webhook_service']}.jobs:{said['webhook_port']}/health"]
    for job, script in ((ready, "wait_until_ready.py"), (removal, "remove_sensors.py")):
        [container] = job["spec"]["template"]["spec"]["containers"]
        *python, code = container["command"]
        assert python == ["python3", "-c"]
        assert code.strip() == (CHART / "files" / script).read_text().strip()


def test_a_hook_ends_within_the_release_s_patience(made, objects):
    release, _ = made()
    assert all(each["spec"]["activeDeadlineSeconds"] < release["timeout"] for each in jobs(objects()).values())


def test_its_defaults_are_complete(objects):
    """Without the construct it still installs."""
    alone = render(CHART, {}, name="metaflow-events", namespace="jobs")
    assert {(each["kind"], each["metadata"]["name"]) for each in alone} == set(objects())
    assert "null" not in json.dumps([each for each in alone if each["kind"] != "Job"])
