"""How pods ended, from what Kubernetes 1.34 writes into them and into events."""

import json

import pytest
from kubernetes.client import ApiClient

from metaflow_gcp_tools.commands.status import endings
from tests.tools.commands.status.objects import container_status, terminated
from tests.tools.commands.tasks.world import task_pod


def failed(*, reason=None, message=None, containers=(), conditions=()):
    made = task_pod("t-1", "train", "34", phase="Failed", containers=list(containers))
    made["status"]["reason"] = reason
    made["status"]["message"] = message
    made["status"]["conditions"] += conditions
    response = type("Response", (), {"data": json.dumps(made)})
    return ApiClient().deserialize(response, "V1Pod")


def disrupted(reason):
    return {"type": "DisruptionTarget", "status": "True", "reason": reason}


@pytest.mark.parametrize(
    ("pod", "reason", "said"),
    [
        ({"containers": [container_status("main", terminated=terminated(137, "OOMKilled"))]}, "memory", "memory limit"),
        ({"reason": "DeadlineExceeded"}, "timeout", "@timeout"),
        (
            {"reason": "Evicted", "message": "The node was low on resource: ephemeral-storage."},
            "evicted",
            "low on resource: ephemeral-storage",
        ),
        (
            {"reason": "Terminated", "message": "Pod was terminated in response to imminent node shutdown."},
            "node lost",
            "shut down",
        ),
        ({"conditions": [disrupted("DeletionByTaintManager")]}, "node lost", "lost"),
        ({"conditions": [disrupted("DeletionByPodGC")]}, "node lost", "lost"),
        ({"conditions": [disrupted("TerminationByKubelet")]}, "node lost", "lost"),
        ({"conditions": [disrupted("PreemptionByScheduler")]}, "evicted", "higher-priority"),
        ({"conditions": [disrupted("EvictionByEvictionAPI")]}, "evicted", "drained"),
        (
            {"containers": [container_status("main", terminated=terminated(1, message="ValueError: no"))]},
            "code",
            "exit code 1: ValueError: no",
        ),
        ({}, "code", "its code failed"),
    ],
)
def test_what_a_failed_pod_says(pod, reason, said):
    found = endings.of_pod(failed(**pod), preempted=False)
    assert found.reason == reason
    assert said in found.what
    assert found.next_step


def test_google_s_own_word_goes_before_what_the_pod_says():
    assert endings.of_pod(failed(reason="Terminated"), preempted=True) is endings.PREEMPTED
    assert endings.of_events([("NodeNotReady", "Node is not ready")], preempted=True) is endings.PREEMPTED


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([("Scheduled", "..."), ("TaintManagerEviction", "Marking for deletion Pod metaflow-jobs/t-1")], "node lost"),
        ([("NodeNotReady", "Node is not ready")], "node lost"),
        ([("Evicted", "The node was low on resource: memory.")], "evicted"),
        ([("Failed", 'Failed to pull image "nope:1": not found'), ("BackOff", "Back-off pulling image")], "image"),
        ([("Scheduled", "..."), ("Started", "Started container main")], "unknown"),
        ([], "unknown"),
    ],
)
def test_what_events_say_of_a_pod_that_is_gone(events, reason):
    assert endings.of_events(events, preempted=False).reason == reason
