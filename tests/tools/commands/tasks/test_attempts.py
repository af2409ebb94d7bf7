"""Which attempts a run's tasks had, from Metaflow's rows and from pods that are there."""

import json

from kubernetes.client import ApiClient

from metaflow_gcp_tools.commands.tasks import attempts
from metaflow_gcp_tools.commands.tasks.pathspec import Pathspec
from tests.tools.commands.tasks.world import attempt, row, task_pod

RUN = Pathspec.parse("HelloFlow/12")


def client_s(made):
    """As Kubernetes' client has it."""
    response = type("Response", (), {"data": json.dumps(made)})
    return ApiClient().deserialize(response, "V1Pod")


def seen(rows=(), pods=(), path=RUN):
    found = attempts.of_run(path, rows, [client_s(each) for each in pods])
    return [(each.step, each.task, each.number, each.pods) for each in found]


def test_a_task_that_was_tried_again_has_an_attempt_for_each_pod():
    rows = [
        row("origin-run-id", "None", "_parameters", "1"),
        *attempt("train", "34", "t-1", ok=False),
        *attempt("train", "34", "t-2", number=1, minutes=7),
        *attempt("start", "2", "t-0", minutes=-5),
    ]
    assert seen(rows) == [("start", "2", 0, ["t-0"]), ("train", "34", 0, ["t-1"]), ("train", "34", 1, ["t-2"])]
    outcomes = [each.succeeded for each in attempts.of_run(RUN, rows, ())]
    assert outcomes == [True, False, True]


def test_a_pod_that_never_started_metaflow_is_known_by_its_annotations():
    assert seen(pods=[task_pod("t-9", "train", "34")]) == [("train", "34", 0, ["t-9"])]


def test_a_pod_that_metaflow_knows_is_not_counted_twice():
    [found] = attempts.of_run(RUN, attempt("train", "34", "t-1"), [client_s(task_pod("t-1", "train", "34"))])
    assert found.pods == ["t-1"]
    assert found.pod.metadata.name == "t-1"


def test_pods_of_other_runs_and_other_flows_are_not_the_run_s():
    other_flow = task_pod("t-2", "train", "34")
    other_flow["metadata"]["annotations"]["metaflow/flow_name"] = "OtherFlow"
    assert seen(pods=[task_pod("t-1", "train", "34", run="13"), other_flow]) == []


def test_argo_s_pods_say_their_task_in_what_they_put_out():
    made = task_pod("hello-x7k2-train-1", "train", "", run="argo-hello-x7k2")
    path = Pathspec.parse("HelloFlow/argo-hello-x7k2")
    assert seen(pods=[made], path=path) == [("train", "", 0, ["hello-x7k2-train-1"])]
    outputs = {"parameters": [{"name": "task-id", "value": "t-0a1b"}]}
    made["metadata"]["annotations"]["workflows.argoproj.io/outputs"] = json.dumps(outputs)
    assert seen(pods=[made], path=path) == [("train", "t-0a1b", 0, ["hello-x7k2-train-1"])]


def test_a_step_or_a_task_leaves_out_the_others():
    rows = [*attempt("start", "2", "t-0"), *attempt("train", "34", "t-1"), *attempt("train", "35", "t-2")]
    assert [each[1] for each in seen(rows, path=Pathspec.parse("HelloFlow/12/train"))] == ["34", "35"]
    assert [each[1] for each in seen(rows, path=Pathspec.parse("HelloFlow/12/train/35"))] == ["35"]
