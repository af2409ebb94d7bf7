"""`metaflow-gcp status`, as a program, against stand-ins for Kubernetes and for Google's API."""

import json

import kubernetes_validate
import pytest
from kubernetes.client import ApiException

from metaflow_gcp_tools.clients import kubernetes as kubernetes_api
from metaflow_gcp_tools.commands.status import document, reading
from metaflow_gcp_tools.problems import CommandFailed
from tests.tools import stand_in_google
from tests.tools.commands.status import stand_in_kubernetes
from tests.tools.commands.status.conftest import GKE, PLATFORM
from tests.tools.commands.status.objects import container_status, event, job, node, replica, task, terminated, workflow
from tests.tools.commands.status.stand_in_kubernetes import StandInKubernetes, kubeconfig
from tests.tools.stand_in_google import Refusal

FULL = "pod didn't trigger scale-up: 1 max node group size reached"
QUOTA = "Node scale up in zones us-west1-a associated with this pod failed: GCE quota exceeded."


def test_a_healthy_platform(world):
    ran = world.status()
    assert ran.exit_code == 0
    assert ran.stdout.splitlines()[:2] == [
        "The platform default in acme-metaflow: cluster gke-metaflow-default, GKE 1.33.5-gke.1080000, running",
        "healthy",
    ]
    lines = [" ".join(line.split()) for line in ran.stdout.splitlines()]
    assert "metaflow/metadata-service 1/1 metaflow_metadata_service:v2.5.0" in lines
    assert "argo/argo-workflows-server 1/1 argo-workflows-0.47.5" in lines
    assert "database migration: done" in lines
    assert "system 1 1 3 e2-standard-2" in lines
    assert "l4 0 0 5 g2-standard-12, 1 x nvidia-l4" in lines
    assert "Tasks: 1 running, 0 waiting" in lines
    assert "UNKNOWN" not in ran.stdout
    # What is healthy needs no events to be read.
    assert not [path for path in world.kubernetes.asked if path.startswith("/api/v1/namespaces/metaflow/events")]


def test_where_flows_without_run_send_their_jobs(world, monkeypatch):
    """No failure: who has two platforms starts flows with `run`."""
    elsewhere = world.home / "elsewhere"
    elsewhere.write_text(
        "contexts: [{name: other, context: {cluster: c, user: u}}]\n"
        "clusters: [{name: c, cluster: {server: 'https://10.0.0.1'}}]\nusers: [{name: u, user: {}}]\n"
        "current-context: other\n"
    )
    with world.serving() as served:
        served["KUBECONFIG"] += f":{elsewhere}"
        ran = world.run("status", **served)
    assert ran.exit_code == 0
    assert (
        "Note: without `metaflow-gcp run`, flows send their jobs to the kubeconfig's current context other"
        in ran.stdout
    )
    assert "(https://10.0.0.1), and their metadata to gke-metaflow-default of acme-metaflow" in ran.stdout


def test_a_healthy_platform_as_json(world):
    other = world.home / ".metaflowconfig/metaflow-gcp/staging.json"
    other.write_text(json.dumps({**PLATFORM, "environment": "staging"}))
    # The profile comes from where Metaflow's own does.
    ran = world.status("--json", METAFLOW_PROFILE="staging")
    assert (ran.exit_code, ran.stderr) == (0, "")
    for token in (stand_in_google.TOKEN, stand_in_kubernetes.TOKEN):
        assert token not in ran.stdout
    assert ran.document["problems"] == []
    result = ran.document["result"]
    assert result["environment"] == "staging"
    # The stand-in's kubeconfig has none.
    assert result["current_context"] == {"name": None, "server": None, "is_platform": False}
    assert result["healthy"] is True
    assert result["cluster"] == {
        "name": "gke-metaflow-default",
        "location": "us-west1",
        "version": "1.33.5-gke.1080000",
        "status": "RUNNING",
    }
    assert [service["ready"] for service in result["services"]] == [True, True, True, True]
    assert result["migration"] == "done"
    assert result["pools"][1] == {
        "name": "l4",
        "machine_type": "g2-standard-12",
        "gpu": "nvidia-l4",
        "gpus_per_node": 1,
        "nodes": 0,
        "min_nodes": 0,
        "max_nodes": 5,
    }
    assert result["tasks"] == {"running": 1, "waiting": []}
    assert result["unknown"] == []


def test_what_is_wrong_comes_first(world):
    world.kubernetes.remove("Pod", "metadata-service-abc12-xyz")
    crashing = container_status(
        "main", ready=False, restarts=4, last=terminated(1, message="boom"), waiting={"reason": "CrashLoopBackOff"}
    )
    world.kubernetes.add(
        replica("metadata-service", "metaflow", ready=False, containers=[crashing]), node("node-2", "l4", ready=False)
    )
    ran = world.status()
    assert ran.exit_code == 1
    lines = ran.stdout.splitlines()
    assert lines[0].startswith("problem metaflow/metadata-service-abc12-xyz: container main keeps failing")
    assert "kubectl logs" in lines[1]
    assert any(line.startswith("problem node node-2: Kubelet stopped posting") for line in lines)
    assert "not healthy" in lines
    assert "  metadata-service (metaflow/metadata-service): no pod is ready" in lines


def test_tasks_that_wait(world):
    quota = "exceeded quota: tasks, requested: pods=1, used: pods=9, limited: pods=9"
    too_much = "maximum cpu usage per Container is 4, but limit is 8"
    world.kubernetes.add(
        *(task(f"big-{number}") for number in range(3)),
        *(event(f"big-{number}", "FailedScaleUp", QUOTA) for number in range(3)),
        task("small-1", kind="Workflow"),
        event("small-1", "NotTriggerScaleUp", FULL),
        job("limited"),
        event("limited", "FailedCreate", f'pods "limited-x" is forbidden: {quota}', kind="Job"),
        # Its pod was made after all: the event is history.
        job("late", active=1),
        event("late", "FailedCreate", f'pods "late-x" is forbidden: {quota}', kind="Job"),
        workflow("flow", {"name": "flow.start", "phase": "Pending", "message": f'pods "a" is forbidden: {too_much}'}),
    )
    status = world.check()
    told = document.result(status)["tasks"]["waiting"]
    assert {each["reason"]: each["tasks"] for each in told} == {
        "resource quota": ("limited",),
        "limit of a task": ("flow.start",),
        "quota": ("big-0", "big-1", "big-2"),
        "pools full": ("small-1",),
    }
    # Whoever waits for a place only has no problem.
    assert len(status.problems) == 3
    assert "3 tasks (big-0, ...) cannot start: a quota is used up" in status.problems[2].what


def test_everything_waits_only_for_its_turn(world):
    world.kubernetes.add(task("small-1"), event("small-1", "NotTriggerScaleUp", FULL))
    lines = world.shown()
    assert "healthy" in lines
    assert "Tasks: 1 running, 1 waiting" in lines
    assert any("every pool that would fit has reached its maximum of nodes" in line for line in lines)


def test_a_user_sees_what_users_may_see(world):
    """As team_access.py has it: pods and services everywhere, events in the tasks' namespace, nothing else."""
    world.kubernetes.forbid(
        "/api/v1/nodes", "/apis/apps/v1/", "/api/v1/namespaces/metaflow/events", "/api/v1/namespaces/argo/events"
    )
    lines = world.shown()
    assert "healthy" in lines
    [unknown] = [line for line in lines if line.startswith("UNKNOWN")]
    assert "nodes" in unknown
    assert "deployments in metaflow" in unknown
    assert "access.admins" in unknown
    # The pools' limits are known, the nodes are not.
    assert "l4 ? 0 5 g2-standard-12, 1 x nvidia-l4" in lines


def test_a_user_of_a_platform_without_argo(world):
    """Has no rights on what is not there, and needs none."""
    world.platform = {**PLATFORM, "forwards": PLATFORM["forwards"][:2]}
    jobs = "/api/v1/namespaces/metaflow-jobs"
    world.kubernetes.forbid("/api/v1/nodes", "/apis/apps/v1/", "/apis/argoproj.io/", f"{jobs}/services")
    status = world.check()
    assert status.problems == ()
    assert {each.what.partition(" ")[0] for each in status.unknown} == {"deployments", "nodes"}


def test_who_may_see_nothing_is_told_whom_to_ask(world):
    world.kubernetes.forbid("/")
    [problem] = world.check().problems
    assert "you may not see anything of the platform" in problem.what
    assert "access.users" in problem.next_step


@pytest.mark.parametrize(
    ("refusal", "ask"),
    [
        (Refusal(403, "no rights"), "access.users"),
        (Refusal(404, "no such cluster", reason="notFound"), "container.googleapis.com returned 404"),
    ],
)
def test_without_gkes_api_the_limits_are_unknown(world, refusal, ask):
    world.google.answer("container.projects.locations.clusters.get", refusal)
    found = world.check()
    assert found.problems == ()
    assert found.cluster is None
    [unknown] = found.unknown
    assert "node pools' limits" in unknown.what
    assert ask in unknown.ask


def test_without_googles_credentials_the_limits_are_unknown(world):
    found = world.check("GOOGLE_OAUTH_ACCESS_TOKEN")
    assert found.problems == ()
    assert "gcloud auth application-default login" in found.unknown[0].ask


def test_what_gke_says_of_cluster_and_pools(world):
    short = [{"code": "GCE_STOCKOUT", "message": "no L4"}]
    broken = {**GKE["nodePools"][1], "status": "RUNNING_WITH_ERROR", "conditions": short}
    described = {**GKE, "status": "DEGRADED", "statusMessage": "etcd is slow", "nodePools": [broken]}
    world.google.answer("container.projects.locations.clusters.get", described)
    assert [problem.what for problem in world.check().problems] == [
        "GKE reports the cluster as DEGRADED: etcd is slow",
        "GKE reports the pool l4 as RUNNING_WITH_ERROR: no L4",
    ]


@pytest.mark.parametrize(("kind", "said"), [("Service", "does not exist"), ("Pod", "has no pod")])
def test_a_service_that_is_missing(world, kind, said):
    """With the rights of users, who do not see that a Deployment has too few pods."""
    world.kubernetes.remove(kind, "metaflow-ui" if kind == "Service" else "metaflow-ui-abc12-xyz")
    world.kubernetes.forbid("/apis/apps/v1/")
    [problem] = world.check().problems
    assert problem.what == f"metaflow-ui: the service metaflow/metaflow-ui {said}"
    assert "make deploy" in problem.next_step


def test_pages_are_read_to_the_end(world):
    world.kubernetes._page = 2
    world.kubernetes.add(*(task(f"many-{number}") for number in range(5)))
    world.kubernetes.add(*(workflow(f"flow-{number}", {"phase": "Running"}) for number in range(5)))
    [group] = world.check().waiting
    assert len(group.tasks) == 5
    assert len([path for path in world.kubernetes.asked if "/workflows" in path]) == 3


def test_there_is_an_end_to_reading(world, monkeypatch):
    monkeypatch.setattr(reading, "MAX_PAGES", 2)
    world.kubernetes._page = 1
    found = world.check()
    assert any("pods in metaflow-jobs beyond the first" in each.what for each in found.unknown)


def test_nobody_answers(world):
    file = world.home / "kubeconfig"
    file.write_text(kubeconfig("http://127.0.0.1:1"))
    with world.google.serving() as google:
        ran = world.run("status", KUBECONFIG=str(file), **google)
    assert ran.exit_code == 1
    *_, said, next_step = ran.stderr.splitlines()
    assert said == ("metaflow-gcp: no connection to the cluster gke-metaflow-default: connection refused")
    assert "gcloud container clusters list" in next_step


@pytest.mark.parametrize(
    ("status", "said", "next_step"),
    [(401, "does not accept gcloud's credentials", "gcloud auth login"), (500, "returned 500", "check your network")],
)
def test_a_cluster_that_refuses(world, status, said, next_step):
    world.kubernetes.forbid("/", status=status)
    with pytest.raises(CommandFailed, match=said) as error:
        world.check()
    assert next_step in error.value.problems[0].next_step


def test_a_cluster_that_does_not_answer_in_time(world, monkeypatch):
    monkeypatch.setattr(kubernetes_api, "TIMEOUT", (1, 0.05))
    monkeypatch.setattr("urllib3.Retry.DEFAULT_BACKOFF_MAX", 0)
    world.kubernetes.slow(1)
    with pytest.raises(CommandFailed, match="no response from"):
        world.check()


@pytest.mark.parametrize("error", [ApiException(status=0, reason="Unsupported content type"), ValueError("no JSON")])
def test_somebody_else_answers(error):
    def call(**_):
        raise error

    with pytest.raises(CommandFailed, match="sent an unexpected response"):
        reading.Reader("gke-metaflow-default").one("pods", "", call)


def test_a_platform_that_is_not_configured(run):
    ran = run("status", "--profile", "staging")
    assert ran.exit_code == 2
    assert "no platform is configured on this machine" in ran.stderr
    assert "metaflow-gcp configure" in ran.stderr


def test_the_stand_in_refuses_what_kubernetes_would_not_hold():
    with pytest.raises(kubernetes_validate.ValidationError):
        StandInKubernetes().add({**job("x"), "nonsense": True})
