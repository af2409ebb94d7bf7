"""Who gets through to what inside the cluster: all network policies together, as they add up."""

import pytest

from tests.stacks.invariants import selectors
from tests.stacks.invariants.crosscheck_access import SENSOR_LABELS
from tests.stacks.invariants.pods import OF_A_SOURCE, Pod
from tests.stacks.invariants.world import World

# Kubernetes' API server calls it, from an address that no selector can name. It answers over TLS, to reviews only.
OPEN_TO_ALL = {("release jobset: controller", 9443)}
WEBHOOK = ("EventSource argo-events-webhook", 12000)
METADATA = ("Deployment metadata-service", 8080)
BUS = {("EventBus default", port) for port in (4222, 6222, 7777, 8222)}

DATABASE, GOOGLE, METADATA_SERVER, API_SERVER = "10.0.0.5", "199.36.153.8", "169.254.169.254", "172.16.0.2"


@pytest.fixture
def world(platform):
    return World.of(platform)


@pytest.fixture
def reached(world):
    def reached(namespace, labels):
        return {
            (pod.owner, port)
            for pod in world.pods
            for port in pod.ports.values()
            if selectors.lets_in(world.objects, pod, port, namespace, labels)
        }

    return reached


def test_tasks_reach_the_metadata_service_the_webhook_and_nothing_else_of_ours(world, reached):
    """Not the event bus: policies add up, and what opens a namespace opens all that is in it.

    The webhook counts events at another port: no more than its own senders know.
    """
    counts = (WEBHOOK[0], OF_A_SOURCE["metrics"])
    assert reached(world.jobs, {"app.kubernetes.io/part-of": "metaflow"}) == {METADATA, WEBHOOK, counts} | OPEN_TO_ALL


def test_sensors_and_the_webhook_reach_the_bus(world, reached):
    [webhook] = [pod for pod in world.pods if pod.owner == WEBHOOK[0]]
    for labels in (SENSOR_LABELS, webhook.labels):
        assert reached(world.jobs, labels) & BUS == {("EventBus default", 4222)}


def test_pods_of_a_larger_bus_reach_each_other(world, reached):
    [bus] = [pod for pod in world.pods if pod.owner.startswith("EventBus")]
    assert reached(world.jobs, bus.labels) & BUS == {("EventBus default", 4222), ("EventBus default", 6222)}


@pytest.mark.parametrize("namespace", ["default", "kube-system", "metaflow", "argo"])
def test_pods_of_other_namespaces_reach_nothing_of_ours(world, reached, namespace):
    """Nor the Argo server: people reach it by forward, and it asks for their own token.

    But for the job that Helm waits with.
    """
    [ready] = [pod.labels for pod in world.pods if pod.owner == "Job metaflow-events-ready"]
    everybody = [{}, SENSOR_LABELS, *(pod.labels for pod in world.pods)]
    assert {each for labels in everybody if labels != ready for each in reached(namespace, labels)} == OPEN_TO_ALL
    assert reached(namespace, ready) == OPEN_TO_ALL | ({WEBHOOK} if namespace == "argo" else set())


def test_tasks_of_one_step_reach_each_other_and_nobody_else_does(world):
    """`@parallel`: the pods of a JobSet."""
    some = Pod(owner="a task", namespace=world.jobs, labels={}, spec={"containers": []})
    assert selectors.lets_in(world.objects, some, 29500, world.jobs, {})
    assert not selectors.lets_in(world.objects, some, 29500, "default", {})


def test_services_connect_to_the_database_to_names_and_to_google_and_nowhere_else(world):
    """The rules name no addresses but the metadata server's: the database's is known to Terraform only."""
    for pod in world.pods:
        if pod.namespace == "metaflow":
            out = {
                (address, port)
                for address in (DATABASE, GOOGLE, METADATA_SERVER, API_SERVER)
                for port in (22, 53, 80, 443, 988, 4222, 5432, 8080, 12000)
                if selectors.lets_out(world.objects, pod, address, port)
            }
            everywhere = {53, 443, 5432} if pod.owner == "Deployment metaflow-ui" else {53, 5432}
            assert {port for address, port in out if address == DATABASE} == everywhere
            tokens = {80, 988} if pod.owner == "Deployment metaflow-ui" else set()
            assert {port for address, port in out if address == METADATA_SERVER} == everywhere | tokens


def test_nothing_holds_back_what_has_to_reach_the_api_server_or_the_internet(world):
    """Controllers, sensors and the agent; and tasks, which install packages and call the team's own services."""
    task = Pod(owner="a task", namespace=world.jobs, labels={}, spec={"containers": []})
    sensor = Pod(owner="a sensor", namespace=world.jobs, labels=SENSOR_LABELS, spec={"containers": []})
    for pod in (task, sensor, *(pod for pod in world.pods if pod.namespace == "argo")):
        assert selectors.lets_out(world.objects, pod, API_SERVER, 443), pod.owner
        assert selectors.lets_out(world.objects, pod, GOOGLE, 443), pod.owner
