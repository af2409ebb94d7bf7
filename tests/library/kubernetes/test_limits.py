import pytest

from metaflow_gcp.kubernetes.limits import JobsLimits, JobsLimitsProps
from rehearsal.cloud.kubernetes.defaults import defaults
from rehearsal.cloud.kubernetes.kinds import KINDS
from rehearsal.cloud.quantities import canonical


@pytest.fixture
def limits(synthesize):
    def limits(**properties):
        props = JobsLimitsProps(namespace="metaflow-jobs", **properties)
        return synthesize(lambda scope: JobsLimits(scope, "limits", props))

    return limits


def test_minimal(limits):
    assert limits().paths == {}


def test_maximal(limits):
    stack = limits(total_cpus=64, total_memory_gb=256, total_gpus=8, total_pods=500, task_cpus=16, task_memory_gb=64)
    assert stack.only("kubernetes_resource_quota_v1") == {
        "metadata": {"name": "tasks", "namespace": "metaflow-jobs"},
        "spec": {
            "hard": {"requests.cpu": "64", "requests.memory": "256Gi", "requests.nvidia.com/gpu": "8", "pods": "500"}
        },
    }
    [limit] = stack.only("kubernetes_limit_range_v1")["spec"]["limit"]
    assert (limit["type"], limit["max"]) == ("Container", {"cpu": "16", "memory": "64Gi"})


def test_pods_of_the_platform_do_not_count(limits):
    """The tasks of ten people may fill it: the event bus still restarts."""
    quota = limits(total_pods=3, uncounted_priority_class="metaflow-jobs-events").only("kubernetes_resource_quota_v1")
    [chosen] = quota["spec"]["scope_selector"]["match_expression"]
    assert chosen == {"scope_name": "PriorityClass", "operator": "NotIn", "values": ["metaflow-jobs-events"]}


@pytest.mark.parametrize(
    "largest", [{"task_cpus": 16}, {"task_memory_gb": 64}, {"task_cpus": 16, "task_memory_gb": 64}]
)
def test_a_container_without_a_limit_may_request_all_that_is_allowed(limits, largest):
    """Metaflow's pods have requests and no limits. Kubernetes refuses a request above the default limit."""
    [limit] = limits(**largest).only("kubernetes_limit_range_v1")["spec"]["limit"]
    assert limit["default"] == limit["max"]


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ({"task_memory_gb": 1024}, {"memory": "1Ti"}),
        ({"task_memory_gb": 1536}, {"memory": "1536Gi"}),
        ({"task_memory_gb": 2**20}, {"memory": "1Pi"}),
        ({"task_cpus": 1000}, {"cpu": "1k"}),
        ({"task_cpus": 1024}, {"cpu": "1024"}),
    ],
)
def test_amounts_are_written_as_kubernetes_gives_them_back(limits, given, written):
    """Terraform's provider compares them as texts: `1024Gi` would be changed to `1Ti` by every plan."""
    [limit] = limits(**given).only("kubernetes_limit_range_v1")["spec"]["limit"]
    assert limit["max"] == written
    for each in written.values():
        assert canonical(each) == each


@pytest.mark.parametrize(
    "given",
    [
        {"task_cpus": 16},
        {"task_memory_gb": 1024},
        {"task_cpus": 1000, "task_memory_gb": 64},
        {"total_cpus": 64},
        {"total_memory_gb": 2048, "task_memory_gb": 2048},
    ],
)
def test_the_api_server_has_nothing_to_fill_in(limits, given):
    """What it fills in is a change in every later plan."""
    limit_range = limits(**given).only("kubernetes_limit_range_v1")
    item = dict.fromkeys(("default", "default_request", "max", "min")) | limit_range["spec"]["limit"][0]
    added = defaults(KINDS["kubernetes_limit_range"], {"spec": [{"limit": [item]}]})["spec"][0]["limit"][0]
    assert {name: item[name] for name in added} == added


def test_no_gpus_at_all_is_a_limit_too(limits):
    quota = limits(total_gpus=0).only("kubernetes_resource_quota_v1")
    assert quota["spec"]["hard"] == {"requests.nvidia.com/gpu": "0"}


def test_containers_that_request_nothing_still_start_under_a_quota(limits):
    """Kubernetes refuses a pod without requests where a quota counts them."""
    [limit] = limits(total_cpus=64).only("kubernetes_limit_range_v1")["spec"]["limit"]
    assert limit["default_request"].keys() == {"cpu", "memory"}
    assert "kubernetes_limit_range_v1" not in limits(total_pods=10).resources


@pytest.mark.parametrize("largest", [{"task_cpus": 16}, {"task_memory_gb": 64}])
def test_containers_that_request_nothing_do_not_request_the_largest_amount(limits, largest):
    """Kubernetes makes `max` the default limit, and that the default request, where none is given."""
    [limit] = limits(**largest).only("kubernetes_limit_range_v1")["spec"]["limit"]
    assert limit["default_request"].keys() == {"cpu", "memory"}


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        ("total_cpus", 1, "2 or more"),
        ("total_memory_gb", 4, "5 or more"),
        ("total_gpus", -1, "0 or more"),
        ("total_pods", 0, "1 or more"),
        ("task_cpus", 0, "1 or more"),
        ("task_memory_gb", 2, "4 or more"),
    ],
)
def test_a_limit_below_what_one_task_asks_for_is_refused(where, value, said, refused):
    refused(lambda: JobsLimitsProps(namespace="metaflow-jobs", **{where: value}), where, said)
