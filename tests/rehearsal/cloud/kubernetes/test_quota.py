"""ResourceQuotas: which pods count, as the API server has it."""

import pytest

from rehearsal.cloud.kubernetes.quota import refusals
from rehearsal.protocol.errors import Refused


def quota(scopes=(), hard=None, **chosen):
    selector = [{"match_expression": [{"scope_name": "PriorityClass", "values": [], **chosen}]}] if chosen else []
    spec = {"hard": hard or {"pods": "0"}, "scopes": list(scopes), "scope_selector": selector}
    return {"metadata": [{"name": "tasks"}], "spec": [spec]}


def pod(*requests, before=(), **spec):
    def containers(each):
        return [{"name": f"c{at}", "resources": {"requests": given}} for at, given in enumerate(each)]

    return {"spec": {"containers": containers(requests or ({},)), "initContainers": containers(before), **spec}}


@pytest.mark.parametrize(
    ("operator", "values", "refused"),
    [
        ("NotIn", ["ours"], [None, "theirs"]),
        ("In", ["ours"], ["ours"]),
        ("Exists", [], ["ours", "theirs"]),
        ("DoesNotExist", [], [None]),
    ],
)
def test_it_counts_pods_of_its_priority_classes(operator, values, refused):
    of_some = quota(operator=operator, values=values)
    found = [name for name in (None, "ours", "theirs") if list(refusals([of_some], [], pod(priorityClassName=name)))]
    assert found == refused


@pytest.mark.parametrize(
    ("scope", "counted", "other"),
    [
        ("Terminating", pod(activeDeadlineSeconds=0), pod()),
        ("NotTerminating", pod(), pod(activeDeadlineSeconds=5)),
        ("BestEffort", pod(), pod({"cpu": "1"})),
        ("NotBestEffort", pod({"cpu": "1"}), pod()),
        ("PriorityClass", pod(priorityClassName="any"), pod()),
    ],
)
def test_it_counts_pods_of_its_scopes(scope, counted, other):
    assert list(refusals([quota([scope])], [], counted))
    assert list(refusals([quota([scope])], [], other)) == []


def test_others_that_run_do_not_count_either():
    two = quota(operator="NotIn", values=["ours"], hard={"pods": "2"})
    ours = pod(priorityClassName="ours")
    assert list(refusals([two], [ours, ours, pod()], pod())) == []
    assert list(refusals([two], [ours, pod(), pod()], pod())) == [
        "exceeded quota: tasks, requested: pods=1, used: pods=2, limited: pods=2"
    ]


def test_a_pod_takes_what_its_containers_request_at_once():
    """Or one that runs before them, if that is more."""
    gpus = quota(hard={"requests.nvidia.com/gpu": "4"})
    one, four = {"nvidia.com/gpu": "1"}, {"nvidia.com/gpu": "4"}
    assert list(refusals([gpus], [pod(one, one)], pod(one, one))) == []
    assert list(refusals([gpus], [pod(one, one)], pod(one, one, one)))
    assert list(refusals([gpus], [pod(one)], pod(one, before=[four])))


def test_a_pod_without_requests_is_refused_where_it_counts():
    cpus = quota(operator="NotIn", values=["ours"], hard={"requests.cpu": "64"})
    assert list(refusals([cpus], [], pod())) == ["failed quota: tasks: must specify requests.cpu for: c0"]
    assert list(refusals([cpus], [], pod(priorityClassName="ours"))) == []


@pytest.mark.parametrize(
    ("hard", "expression", "said"),
    [
        ({"services": "3"}, {"operator": "Exists"}, "unsupported scope applied to resource"),
        ({"requests.storage": "1Ti"}, {"operator": "Exists"}, "unsupported scope applied to resource"),
        ({"pods": "3"}, {"operator": "NotIn"}, "must be at least one value"),
        ({"pods": "3"}, {"operator": "Exists", "values": ["a"]}, "must be no value"),
    ],
)
def test_a_scope_that_the_api_server_does_not_take(kubernetes, hard, expression, said):
    selector = {"match_expression": [{"scope_name": "PriorityClass", **expression}]}
    with pytest.raises(Refused, match=said):
        kubernetes.create(
            "kubernetes_resource_quota_v1",
            metadata={"namespace": "jobs", "name": "tasks"},
            spec={"hard": hard, "scope_selector": selector},
        )


def test_extended_resources_have_scopes(kubernetes):
    selector = {"match_expression": [{"scope_name": "PriorityClass", "operator": "NotIn", "values": ["ours"]}]}
    kubernetes.create(
        "kubernetes_resource_quota_v1",
        metadata={"namespace": "jobs", "name": "tasks"},
        spec={"hard": {"pods": "3", "requests.nvidia.com/gpu": "8"}, "scope_selector": selector},
    )
