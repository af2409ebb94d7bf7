"""What is wrong with pods, in plain words."""

import pytest

from metaflow_gcp_tools.commands.status import trouble, workloads
from tests.tools.commands.status.conftest import migrated
from tests.tools.commands.status.objects import at, container_status, deployment, event, pod, replica, terminated, typed


def of(*containers, init=(), phase="Running", events=()):
    each = replica(
        "metadata-service", "metaflow", containers=list(containers), init=list(init), phase=phase, ready=False
    )
    return trouble.of(typed(each), [typed(said) for said in events])


def crashing(**last):
    return container_status(
        "main", ready=False, restarts=7, last=terminated(**last), waiting={"reason": "CrashLoopBackOff"}
    )


def waits(reason, message=""):
    return container_status("main", ready=False, waiting={"reason": reason, "message": message})


@pytest.mark.parametrize(
    ("container", "said", "next_step"),
    [
        (
            crashing(code=1, message="no such module"),
            "keeps failing (7 times): exit code 1: no such module",
            "--previous",
        ),
        (crashing(code=137, reason="OOMKilled"), "more memory than its limit (OOMKilled)", "--previous"),
        (waits("ImagePullBackOff", "Back-off pulling image"), "cannot be pulled: Back-off pulling", "registry"),
        (waits("ErrImagePull", "manifest unknown"), "manifest unknown", "Docker Hub"),
        (waits("CreateContainerConfigError", 'secret "x" not found'), 'secret "x" not found', "make deploy"),
        (
            container_status("main", ready=False, terminated=terminated(2, message="bad option")),
            "ended: exit code 2: bad option",
            "kubectl logs",
        ),
        (
            container_status("main", restarts=3, last=terminated(137, "OOMKilled", minutes_ago=10)),
            "restarted (3 times so far): it took more memory",
            "--previous",
        ),
    ],
)
def test_containers(container, said, next_step):
    problem = of(container)
    assert problem.what.startswith("metaflow/metadata-service-abc12-xyz: ")
    assert said in problem.what
    assert next_step in problem.next_step


@pytest.mark.parametrize(
    "container",
    [
        container_status("main"),
        container_status("main", restarts=3, last=terminated(1, minutes_ago=120)),
        container_status("main", ready=False, waiting={"reason": "ContainerCreating"}),
        container_status("main", ready=False, waiting={"reason": "PodInitializing"}),
        container_status("main", ready=False, terminated=terminated(0, "Completed")),
    ],
)
def test_nothing_is_wrong(container):
    assert of(container) is None


def in_a_pod_of(container, minutes):
    each = replica("jobset-controller", "argo", containers=[container], ready=container["ready"])
    each["status"]["startTime"] = at(minutes_ago=minutes)
    return trouble.of(typed(each))


def ended(restarts, minutes_ago, *, ready=True, reason="Error", **state):
    last = terminated(1, reason, minutes_ago=minutes_ago)
    return container_status("controller", ready=ready, restarts=restarts, last=last, **state)


def test_what_ends_while_its_pod_starts_is_no_trouble():
    """JobSet's controller finds its certificate empty the first time."""
    assert in_a_pod_of(ended(1, 9), 10) is None
    assert in_a_pod_of(ended(2, 1, ready=False, waiting={"reason": "CrashLoopBackOff"}), 2) is None


@pytest.mark.parametrize(
    ("restarts", "minutes_ago", "more", "minutes"),
    [
        (1, 5, {}, 10),
        (4, 9, {}, 10),
        (1, 9, {"reason": "OOMKilled"}, 10),
        (1, 9, {"ready": False}, 10),
        (4, 1, {"ready": False, "waiting": {"reason": "CrashLoopBackOff"}}, 3),
    ],
    ids=["later", "too often", "out of memory", "not ready since", "again and again"],
)
def test_but_not_for_long(restarts, minutes_ago, more, minutes):
    # Made here, for both are counted from now.
    assert "container controller" in in_a_pod_of(ended(restarts, minutes_ago, **more), minutes).what


def test_a_failed_probe_is_told_with_what_it_met():
    failed = event(
        "metadata-service-abc12-xyz", "Unhealthy", "Readiness probe failed: statuscode: 500", namespace="metaflow"
    )
    problem = of(container_status("main", ready=False), events=[failed])
    assert "is running but not ready: Readiness probe failed: statuscode: 500" in problem.what
    assert of(container_status("main", ready=True), events=[failed]) is None


def test_a_volume_that_cannot_be_mounted():
    failed = event("metadata-service-abc12-xyz", "FailedMount", 'configmap "database" not found', namespace="metaflow")
    problem = of(waits("PodInitializing"), phase="Pending", events=[failed])
    assert 'configmap "database" not found' in problem.what


def test_a_migration_that_fails_is_called_a_migration():
    failing = container_status(
        "migrate",
        ready=False,
        restarts=2,
        last=terminated(1, message="goose: relation exists"),
        waiting={"reason": "CrashLoopBackOff"},
    )
    problem = of(init=[failing])
    assert "the database's migration keeps failing (2 times): exit code 1: goose: relation exists" in problem.what
    assert "--container migrate --previous" in problem.next_step


def test_no_password_is_shown():
    message = "cannot connect to postgresql://metaflow:s3cret@10.0.0.5/metaflow with password=s3cret"
    problem = of(crashing(code=1, message=message))
    assert "s3cret" not in problem.what
    assert "postgresql://metaflow:***@10.0.0.5" in problem.what


def found(*pods, declared=(), events=()):
    return workloads.workloads(
        [typed(each) for each in pods], [typed(each) for each in declared], [typed(each) for each in events]
    )


SERVICE = deployment("metadata-service", "metaflow", image="service:2.5.0", replicas=2)


def test_too_few_pods_with_nothing_wrong_are_starting():
    [workload] = found(replica("metadata-service", "metaflow"), declared=[SERVICE])
    assert (workload.ready, workload.wanted, workload.healthy) == (1, 2, False)
    assert "1 of 2 pods are ready" in workload.problems[0].what
    assert "in a minute" in workload.problems[0].next_step


def test_a_migration_that_runs_is_waited_for():
    migrating = migrated(running={"startedAt": "2026-01-01T00:00:00Z"})
    [workload] = found(
        replica("metadata-service", "metaflow", ready=False, phase="Pending", init=[migrating]),
        declared=[deployment("metadata-service", "metaflow", image="service:2.5.0")],
    )
    assert "the database is being migrated" in workload.problems[0].what
    assert "do not stop it" in workload.problems[0].next_step


def test_a_service_without_room():
    unscheduled = {
        "type": "PodScheduled",
        "status": "False",
        "message": "0/3 nodes are available: 3 Insufficient memory.",
    }
    [workload] = found(replica("metadata-service", "metaflow", phase="Pending", node=None, conditions=[unscheduled]))
    assert "no node has room: 0/3 nodes are available" in workload.problems[0].what
    assert "cluster.system_pool.max_nodes" in workload.problems[0].next_step


def test_a_service_whose_pods_are_refused():
    refused = event(
        "metadata-service-abc12", "FailedCreate", "Error creating: denied", namespace="metaflow", kind="ReplicaSet"
    )
    [workload] = found(declared=[SERVICE], events=[refused])
    assert "0 of 2 pods are ready: Error creating: denied" in workload.problems[0].what


def test_who_may_not_see_deployments_sees_them_by_their_pods():
    [workload] = found(replica("metadata-service", "metaflow", image="service:2.5.0"))
    assert (workload.name, workload.wanted, workload.images) == ("metadata-service", 1, ("service:2.5.0",))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({}, "done"),
        ({"running": {"startedAt": "2026-01-01T00:00:00Z"}}, "running"),
        ({"waiting": {"reason": "PodInitializing"}}, "waiting"),
        ({"waiting": {"reason": "CrashLoopBackOff"}}, "failed"),
        ({"terminated": {"exitCode": 1}}, "failed"),
    ],
)
def test_the_migration(state, said):
    assert workloads.migration([typed(replica("metadata-service", "metaflow", init=[migrated(**state)]))]) == said


def test_no_migration():
    assert workloads.migration([typed(pod("x", "metaflow"))]) is None
