"""`metaflow-gcp status FLOW/RUN`: what became of a run's tasks."""

import pytest

from metaflow_gcp_tools.prices.book import Book
from tests.tools.commands.status.objects import at, container_status, event, terminated
from tests.tools.commands.tasks.world import attempt, entry, task_pod, world
from tests.tools.stand_in_google import Refusal

__all__ = ["world"]

L4 = "gke-gke-metaflow-default-l4-0a1b2c3d-wxyz"
SPOT = "gke-gke-metaflow-default-spot-l4-0a1b2c3d-wxyz"
"""The name of one pool ends as that of another one does."""


def pool(name, machine_type, **config):
    scaling = {"enabled": True, "totalMinNodeCount": 0, "totalMaxNodeCount": 5}
    disk = {"diskType": "pd-balanced", "diskSizeGb": 200}
    return {"name": name, "config": {"machineType": machine_type, **disk, **config}, "autoscaling": scaling}


GPU = {"accelerators": [{"acceleratorType": "nvidia-l4", "acceleratorCount": "1"}]}


@pytest.fixture
def run(world):
    """The command, for a run of the platform with two GPU pools."""
    world.google.use("container", "v1")
    pools = [pool("l4", "g2-standard-12", **GPU), pool("spot-l4", "g2-standard-12", spot=True, **GPU)]
    world.google.answer("container.projects.locations.clusters.get", {"name": "it", "nodePools": pools})
    return lambda *arguments: world.run("status", "HelloFlow/12", *arguments)


def tasks(ran):
    return {f"{each['step']}/{each['task']}": each for each in ran.document["result"]["tasks"]}


def happened(pod_name, reason, message, **more):
    """Of Kubernetes, as Cloud Logging keeps it."""
    found = entry(pod_name, "", jsonPayload={"reason": reason, "message": message}, **more)
    del found["textPayload"]
    return found


def taken(node):
    """As Compute Engine writes it."""
    found = entry("", "", protoPayload={"resourceName": f"projects/acme-metaflow/zones/us-west1-a/instances/{node}"})
    del found["textPayload"]
    return found


def logged(world, *events, preempted=()):
    """What Cloud Logging answers to the two questions."""

    def answer(call):
        of_machines = "compute.instances.preempted" in call.body["filter"]
        return {"entries": [taken(node) for node in preempted] if of_machines else list(events)}

    world.google.answer("logging.entries.list", answer)


def pod_on(node, *, phase="Running", containers=(), requests=None, **more):
    made = task_pod("t-1", "train", "34", phase=phase, node=node, containers=list(containers), **more)
    if requests:
        made["spec"]["containers"][0]["resources"] = {"requests": requests}
    made["status"]["startTime"] = at(minutes_ago=60)
    return made


def test_a_task_that_is_gone_and_succeeded_has_its_node_its_pool_and_its_cost(world, run):
    world.rows = attempt("train", "34", "t-1", took=30)
    logged(world, happened("t-1", "Scheduled", f"Successfully assigned metaflow-jobs/t-1 to {L4}"))
    ran = run("--json")
    assert ran.exit_code == 0
    found = tasks(ran)["train/34"]
    assert (found["state"], found["why"], found["node"], found["pool"]) == ("succeeded", None, L4, "l4")
    # Half an hour of the node: its machine, its disk of 200 GB, and Cloud NAT.
    machine = Book.shipped().rate("machine/g2-standard-12", "us-west1")
    assert found["cost"] == pytest.approx((machine + 200 * 0.10 / 730 + 0.0014) / 2, abs=0.001)
    assert found["at_most"]


def test_a_task_that_is_there_costs_its_part_of_the_node(world, run):
    ended = container_status("main", terminated=terminated(0, "Completed", minutes_ago=30))
    world.kubernetes.add(pod_on(SPOT, phase="Succeeded", containers=[ended], requests={"cpu": "6", "memory": "4Gi"}))
    found = tasks(run("--json"))["train/34"]
    assert found["pool"] == "spot-l4"
    spot = Book.shipped().rate("machine/g2-standard-12/spot", "us-west1")
    assert found["cost"] == pytest.approx((spot + 200 * 0.10 / 730 + 0.0014) / 4, rel=0.02)
    assert not found["at_most"]


def test_a_gpu_is_the_whole_node_s(world, run):
    ended = container_status("main", terminated=terminated(0, "Completed", minutes_ago=0))
    asked = {"cpu": "1", "nvidia.com/gpu": "1"}
    world.kubernetes.add(pod_on(L4, phase="Succeeded", containers=[ended], requests=asked))
    assert tasks(run("--json"))["train/34"]["cost"] == pytest.approx(1.029, rel=0.02)


def test_out_of_memory_is_told_with_what_to_do(world, run):
    killed = container_status("main", terminated=terminated(137, "OOMKilled"))
    world.kubernetes.add(pod_on(L4, phase="Failed", containers=[killed]))
    ran = run()
    assert ran.exit_code == 1
    assert "HelloFlow/12: 1 failed" in ran.stdout
    said, next_step = ran.stderr.splitlines()[-2:]
    assert said == "metaflow-gcp: HelloFlow/12: train/34: it exceeded its memory limit (OOMKilled)"
    assert "memory=" in next_step


def test_a_spot_node_that_google_took_back_is_known_after_the_pod_is_gone(world, run):
    world.rows = attempt("train", "34", "t-1", ok=None)
    logged(world, happened("t-1", "Scheduled", f"Successfully assigned x/t-1 to {SPOT}"), preempted=[SPOT])
    found = tasks(run("--json"))["train/34"]
    assert (found["state"], found["why"]["reason"]) == ("lost", "preempted")
    assert any(f'resourceName=~"/instances/({SPOT})$"' in asked for asked in world.queries)


def test_an_image_that_cannot_be_pulled_is_told(world, run):
    waits = {"reason": "ImagePullBackOff", "message": "not found"}
    world.kubernetes.add(pod_on(L4, phase="Pending", containers=[container_status("main", ready=False, waiting=waits)]))
    ran = run("--json")
    found = tasks(ran)["train/34"]
    assert (found["state"], found["why"]["reason"], found["cost"]) == ("waiting", "container", None)
    assert "cannot be pulled" in found["why"]["what"]
    assert ran.exit_code == 1


def test_a_quota_that_is_used_up_is_told(world, run):
    world.kubernetes.add(
        pod_on(None, phase="Pending"),
        event("t-1", "FailedScaleUp", "Node scale up in zones us-west1-a associated with this pod failed: GCE quota "
              "exceeded. Pod is at risk of not being scheduled."),
    )  # fmt: skip
    found = tasks(run("--json"))["train/34"]
    assert (found["state"], found["why"]["reason"]) == ("waiting", "quota")


def test_what_only_has_to_wait_is_no_problem(world, run):
    world.kubernetes.add(
        pod_on(None, phase="Pending"), event("t-1", "TriggeredScaleUp", "pod triggered scale-up: [{l4 0->1 (max: 5)}]")
    )
    ran = run()
    assert ran.exit_code == 0
    assert "1 waiting" in ran.stdout


def test_an_attempt_that_failed_and_was_made_good_is_no_problem(world, run):
    world.rows = [*attempt("train", "34", "t-1", ok=False), *attempt("train", "34", "t-2", number=1, minutes=7)]
    ran = run()
    assert ran.exit_code == 0
    assert "HelloFlow/12: 1 succeeded" in ran.stdout
    assert "its code failed" in ran.stdout


def test_a_step_on_somebody_s_own_machine_has_no_pod(world, run):
    world.rows = [row for row in attempt("start", "2", "") if row["field_name"] == "attempt"]
    found = tasks(run("--json"))["start/2"]
    assert (found["state"], found["node"], found["cost"]) == ("running", "", None)


def test_without_the_right_to_logs_the_rest_is_told(world, run):
    world.rows = [*attempt("train", "34", "t-1"), *attempt("train", "35", "t-2", ok=None)]
    world.google.answer("logging.entries.list", Refusal(403, "Permission denied"))
    ran = run("--json")
    assert tasks(ran)["train/34"]["state"] == "succeeded"
    assert tasks(ran)["train/35"]["why"]["reason"] == "unknown"
    [unknown] = ran.document["result"]["unknown"]
    assert unknown["what"] == "why deleted pods ended"
    assert "roles/logging.viewer" in unknown["ask"]


def test_it_is_a_table_for_people(world, run):
    world.rows = attempt("train", "34", "t-1", took=30)
    logged(world, happened("t-1", "Scheduled", f"Successfully assigned metaflow-jobs/t-1 to {L4}"))
    lines = [" ".join(line.split()) for line in run().stdout.splitlines()]
    assert f"train/34 0 succeeded l4 {L4} 0:30:00 <= 0.51" in lines
    assert "Cost so far: at most 0.51 USD (prices of 2026-07-30)" in lines


def test_a_run_that_nobody_knows(world, run):
    world.rows = None
    ran = run()
    assert ran.exit_code == 1
    assert "no tasks found for HelloFlow/12" in ran.stderr


def test_a_step_is_no_run(run_here):
    ran = run_here("status", "HelloFlow/12/train")
    assert ran.exit_code == 2
    assert "'HelloFlow/12/train' is not a run" in ran.stderr
