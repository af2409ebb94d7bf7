"""Why a task has no node. The messages are real ones, as clusters on GKE and Kubernetes write them."""

import pytest

from metaflow_gcp_tools.commands.status import admission, pools, waiting
from metaflow_gcp_tools.commands.status.why import Why
from tests.tools.commands.status.conftest import GKE
from tests.tools.commands.status.objects import container_status, event, task, typed

CLUSTER = pools._cluster(GKE)
NO_SCALE_UP = "pod didn't trigger scale-up: "
REFUSED = "Node scale up in zones us-west1-a, us-west1-b associated with this pod failed: "
VIOLATIONS = 'hostPath volumes (volume "data"), privileged (container "main" must not set ...privileged=true)'
RISK = " Pod is at risk of not being scheduled."


def why(pod, *events, cluster=CLUSTER) -> Why:
    return waiting.explain(typed(pod), [typed(each) for each in events], cluster)


@pytest.mark.parametrize(
    ("reason", "message", "explained", "said", "next_step"),
    [
        ("FailedScaleUp", f"{REFUSED}GCE quota exceeded.{RISK}", "quota", "us-west1-a, us-west1-b", "preflight"),
        ("FailedScaleUp", f"{REFUSED}GCE out of resources.{RISK}", "no capacity", "stock-out", "zones"),
        (
            "FailedScaleUp",
            "ZONE_RESOURCE_POOL_EXHAUSTED: the zone has no g2-standard-12",
            "no capacity",
            "left",
            "spot",
        ),
        ("FailedScaleUp", "QUOTA_EXCEEDED: Quota 'NVIDIA_L4_GPUS' exceeded. Limit: 0.0", "quota", "quota", "preflight"),
        ("FailedScaleUp", f"{REFUSED}IP space exhausted.{RISK}", "no address", "addresses", "network"),
        ("FailedScaleUp", f"{REFUSED}Internal error.{RISK}", "refused lately", "Internal error", "logs"),
        # Joined, and cut off after 250 characters.
        (
            "FailedScaleUp",
            f"{REFUSED}Internal error, GCE out of resources, GCE quota exceeded.{RISK}",
            "quota",
            "quota",
            "preflight",
        ),
        ("FailedScaleUp", f"{REFUSED}Internal error, GCE out of res", "refused lately", "Internal error", "logs"),
        (
            "FailedScaleUp",
            f"{REFUSED}Reservation not found or incorrectly shared: training-2025.{RISK}",
            "reservation",
            "us-west1-b from the pool's reservation: Reservation not found or incorrectly shared: training-2025",
            "gcloud compute reservations list",
        ),
        ("FailedScaleUp", f"{REFUSED}Service Account was deleted.{RISK}", "refused lately", "deleted", "make deploy"),
        (
            "FailedScaleUp",
            f'{REFUSED}Some nodes in node group ["ng1"] failed to appear in time.{RISK}',
            "refused lately",
            "in time",
            "wait",
        ),
        ("TriggeredScaleUp", "pod triggered scale-up: [{https://.../grp 0->1 (max: 5)}]", "starting", "node", "wait"),
        (
            "NotTriggerScaleUp",
            f"{NO_SCALE_UP}1 max node group size reached",
            "pools full",
            "maximum of nodes",
            "max_nodes",
        ),
        (
            "NotTriggerScaleUp",
            f"{NO_SCALE_UP}1 Insufficient nvidia.com/gpu, 1 max node group size reached",
            "pools full",
            "maximum of nodes",
            "max_nodes",
        ),
        (
            "NotTriggerScaleUp",
            f"{NO_SCALE_UP}2 Insufficient memory, 1 Insufficient cpu",
            "too large",
            "more memory and cpu",
            "ask for less",
        ),
        (
            "NotTriggerScaleUp",
            "Pod didn't trigger scale-up: 3 node(s) didn't match Pod's node affinity/selector",
            "no such node",
            "labels",
            "node_selector",
        ),
        (
            "NotTriggerScaleUp",
            f"{NO_SCALE_UP}1 node(s) had untolerated taint {{nvidia.com/gpu: present}}",
            "taint",
            "nvidia.com/gpu: present",
            "tolerations",
        ),
        (
            "NotTriggerScaleUp",
            f"{NO_SCALE_UP}6 node(s) had taint {{dedicated: training}}, that the pod didn't tolerate",
            "taint",
            "dedicated: training",
            "tolerations",
        ),
        (
            "NotTriggerScaleUp",
            f"{NO_SCALE_UP}1 max cluster cpu limit reached, 2 Insufficient memory",
            "cluster limit",
            "limit of cpu",
            "auto_provisioning",
        ),
        (
            "NotTriggerScaleUp",
            f"{NO_SCALE_UP}1 max cluster cpu, memory limit reached, 1 max node group size reached",
            "cluster limit",
            "limit of cpu and memory",
            "auto_provisioning",
        ),
        (
            "NotTriggerScaleUp",
            f"{NO_SCALE_UP}max total nodes in cluster reached",
            "cluster limit",
            "limit of nodes",
            "auto_provisioning",
        ),
        ("NotTriggerScaleUp", f"{NO_SCALE_UP}1 not ready for scale-up", "not ready", "not ready", "repairs"),
        (
            "NotTriggerScaleUp",
            f"{NO_SCALE_UP}2 Insufficient ephemeral-storage",
            "too large",
            "more ephemeral-storage",
            "10% of the boot disk",
        ),
        (
            "NotTriggerScaleUp",
            f"{NO_SCALE_UP}2 node(s) had untolerated taint(s)",
            "taint",
            "does not tolerate their taint",
            "tolerations",
        ),
        (
            "NotTriggerScaleUp",
            f"{NO_SCALE_UP}2 node(s) had no available volume zone",
            "volume",
            "persistent_volume_claims",
            "persistentvolumeclaims",
        ),
        (
            "NotTriggerScaleUp",
            f"{NO_SCALE_UP}2 node(s) didn't match pod anti-affinity rules",
            "affinity",
            "affinity",
            "specification",
        ),
        (
            "NotTriggerScaleUp",
            f"{NO_SCALE_UP}1 in backoff after failed scale-up, 1 Insufficient nvidia.com/gpu",
            "refused lately",
            "no quota, or no capacity",
            "preflight",
        ),
        ("NotTriggerScaleUp", f"{NO_SCALE_UP}something new", "unknown", "something new", "logs"),
        ("NotTriggerScaleUp", "Pod didn't trigger scale-up: ", "unknown", "gives no reason", "logs"),
    ],
)
def test_what_the_autoscaler_says(reason, message, explained, said, next_step):
    found = why(task("train-1"), event("train-1", reason, message))
    assert found.reason == explained
    assert said in found.what
    assert next_step in found.next_step


def test_what_gke_says_of_a_pool_explains_a_refusal_that_is_no_longer_in_the_events():
    short = {"code": "GCE_STOCKOUT", "message": "out of capacity"}
    cluster = pools._cluster({**GKE, "nodePools": [{**GKE["nodePools"][1], "conditions": [short]}]})
    backoff = event("train-1", "NotTriggerScaleUp", f"{NO_SCALE_UP}1 in backoff after failed scale-up")
    assert why(task("train-1"), backoff, cluster=cluster).reason == "no capacity"


def test_a_refusal_stays_the_reason_while_gke_waits_before_it_asks_again():
    found = why(
        task("train-1"),
        event("train-1", "TriggeredScaleUp", "pod triggered scale-up", minutes_ago=3),
        event("train-1", "FailedScaleUp", f"{REFUSED}GCE quota exceeded.", minutes_ago=2),
        event("train-1", "NotTriggerScaleUp", f"{NO_SCALE_UP}1 in backoff after failed scale-up", minutes_ago=1),
    )
    assert found.reason == "quota"


def test_a_node_that_is_being_started_now_ends_an_earlier_refusal():
    found = why(
        task("train-1"),
        event("train-1", "FailedScaleUp", f"{REFUSED}GCE out of resources.", minutes_ago=9),
        event("train-1", "TriggeredScaleUp", "pod triggered scale-up", minutes_ago=1),
    )
    assert found.reason == "starting"


def test_events_of_others_explain_nothing():
    other = event("train-10", "FailedScaleUp", f"{REFUSED}GCE quota exceeded.")
    assert why(task("train-1"), other).reason == "unknown"


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        (
            {"cloud.google.com/gke-accelerator": "nvidia-h100-80gb"},
            "no pool has nodes with cloud.google.com/gke-accelerator=nvidia-h100-80gb; GPUs of the pools: nvidia-l4",
        ),
        # Each for itself is there, on different pools: no node has both.
        (
            {"cloud.google.com/gke-accelerator": "nvidia-a100-80gb", "metaflow-gcp/pool": "system"},
            "cloud.google.com/gke-accelerator=nvidia-a100-80gb and metaflow-gcp/pool=system",
        ),
    ],
)
def test_a_selector_that_no_pool_has(selector, said):
    found = why(task("train-1", nodeSelector=selector))
    assert found.reason == "no such node"
    assert said in found.what


@pytest.mark.parametrize(
    "selector",
    [
        {"cloud.google.com/gke-accelerator": "nvidia-l4"},
        {"topology.kubernetes.io/zone": "us-west1-b", "metaflow-gcp/pool": "system"},
        # Auto-provisioning may make one.
        {"cloud.google.com/gke-spot": "true"},
        # GKE sets these by itself.
        {"kubernetes.io/arch": "amd64", "cloud.google.com/machine-family": "g2"},
        {"cloud.google.com/gke-os-distribution": "cos", "cloud.google.com/gke-nodepool": "l4"},
        {"node.kubernetes.io/instance-type": "g2-standard-12", "topology.kubernetes.io/region": "us-west1"},
        # Somebody may have labelled a node by hand.
        {"team": "vision"},
    ],
)
def test_a_selector_that_some_pool_has(selector):
    without_auto_provisioning = pools._cluster({**GKE, "autoscaling": {}})
    cluster = CLUSTER if "cloud.google.com/gke-spot" in selector else without_auto_provisioning
    assert why(task("train-1", nodeSelector=selector), cluster=cluster).reason == "unknown"


@pytest.mark.parametrize(
    ("selector", "missing"),
    [
        ({"kubernetes.io/arch": "arm64"}, "kubernetes.io/arch=arm64"),
        ({"metaflow-gcp/pool": "gpu"}, "metaflow-gcp/pool=gpu"),
        ({"cloud.google.com/gke-gpu-sharing-strategy": "mps"}, "sharing-strategy=mps"),
        # What proves nothing is not named.
        (
            {"team": "vision", "topology.kubernetes.io/zone": "us-west1-c"},
            "with topology.kubernetes.io/zone=us-west1-c",
        ),
    ],
)
def test_a_label_of_gke_s_or_of_a_pool_with_another_value_is_wrong(selector, missing):
    cluster = pools._cluster({**GKE, "autoscaling": {}})
    found = why(task("train-1", nodeSelector=selector), cluster=cluster)
    assert found.reason == "no such node"
    assert missing in found.what


def test_without_auto_provisioning_a_label_that_no_pool_has_is_wrong():
    cluster = pools._cluster({**GKE, "autoscaling": {}})
    pod = task("train-1", nodeSelector={"cloud.google.com/gke-spot": "true"})
    assert why(pod, cluster=cluster).reason == "no such node"
    # Who may not see the pools is told what the scheduler says.
    assert why(pod, cluster=None).reason == "unknown"


def test_a_task_that_nobody_explains_says_what_the_scheduler_says():
    found = why(task("train-1", message="0/1 nodes are available: 1 Insufficient cpu."))
    assert "0/1 nodes are available" in found.what
    assert "kubectl describe pod --namespace metaflow-jobs" in found.next_step
    assert why(task("train-1", conditions=[])).what == "the scheduler has not looked at it yet"


@pytest.mark.parametrize(
    ("message", "selector", "most"),
    [
        ("1 Insufficient cpu, 1 Insufficient memory", {}, "(11.9 CPUs on g2-standard-12, 43.4 GiB of memory on "),
        ("1 Insufficient cpu", {"metaflow-gcp/pool": "system"}, "(1.9 CPUs on e2-standard-2 at most)"),
        ("1 Insufficient nvidia.com/gpu", {}, "(1 nvidia.com/gpu on g2-standard-12 at most)"),
        # Of one pool it is not told how large its disk is.
        ("2 Insufficient ephemeral-storage", {}, "can provide"),
        ("2 Insufficient ephemeral-storage", {"metaflow-gcp/pool": "system"}, "(21.5 GiB of disk on e2-standard-2 at"),
    ],
)
def test_what_is_too_large_is_told_with_what_there_is(message, selector, most):
    system = {**GKE["nodePools"][0], "config": {**GKE["nodePools"][0]["config"], "diskSizeGb": 50}}
    cluster = pools._cluster({**GKE, "nodePools": [system, GKE["nodePools"][1]]})
    pod = task("train-1", nodeSelector=selector)
    found = why(pod, event("train-1", "NotTriggerScaleUp", f"{NO_SCALE_UP}{message}"), cluster=cluster)
    assert most in found.what
    assert found.what.endswith(("at most)", "can provide"))


def test_a_volume_that_no_node_can_mount_needs_no_word_of_the_autoscaler():
    found = why(task("train-1", message='0/3 nodes are available: persistentvolumeclaim "data" not found.'))
    assert found.reason == "volume"
    full = "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had no available volume zone."
    assert why(task("train-1", message=full)).reason == "unknown"


@pytest.mark.parametrize(
    ("violation", "advice"),
    [
        ('hostPath volumes (volume "data")', "use_tmpfs"),
        ('privileged (container "main" must not set securityContext.privileged=true)', "security_context"),
        ("host namespaces (hostNetwork=true)", "refuses"),
    ],
)
def test_pod_security_s_refusal_comes_with_what_is_allowed(violation, advice):
    message = f'Error creating: pods "x" is forbidden: violates PodSecurity "baseline:latest": {violation}'
    [group] = admission.never_made([("train", message)])
    assert advice in group.why.next_step
    assert "pod-security-standards" in group.why.next_step


def test_on_its_node_it_is_the_image_or_the_start():
    pulls = {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "nonsense:1"'}}
    found = why(task("train-1", node="node-1", containers=[container_status("main", ready=False, **pulls)]))
    assert found.reason == "container"
    assert "cannot be pulled" in found.what
    # So that a hundred tasks with the same wrong image are told as one.
    assert "train-1" not in found.what
    creating = container_status("main", ready=False, waiting={"reason": "ContainerCreating"})
    assert why(task("train-1", node="node-1", containers=[creating])).reason == "starting"


def test_tasks_that_wait_for_the_same_are_told_together():
    pods = [typed(task(f"train-{number}")) for number in range(3)]
    full = [
        typed(event(pod.metadata.name, "NotTriggerScaleUp", f"{NO_SCALE_UP}1 max node group size reached"))
        for pod in pods
    ]
    [group] = waiting.waiting(pods, full, CLUSTER)
    assert group.tasks == ("train-0", "train-1", "train-2")
    assert group.since == pods[0].metadata.creation_timestamp


@pytest.mark.parametrize(
    ("message", "reason", "said"),
    [
        (
            'pods "t" is forbidden: exceeded quota: tasks, requested: cpu=8, used: cpu=508, limited: cpu=512',
            "resource quota",
            "requested cpu=8, in use cpu=508, limit cpu=512",
        ),
        (
            'Error creating: pods "train-abc" is forbidden: maximum cpu usage per Container is 32, but limit is 64',
            "limit of a task",
            "maximum cpu usage per Container is 32",
        ),
        (
            f'Error creating: pods "x" is forbidden: violates PodSecurity "baseline:latest": {VIOLATIONS}',
            "pod security",
            f"the namespace enforces the level 'baseline': {VIOLATIONS}",
        ),
        ('Error creating: pods "x" is forbidden: something new', "unknown", "something new"),
    ],
)
def test_pods_that_are_never_made(message, reason, said):
    [group] = admission.never_made([("train", message), ("other", message)])
    assert group.why.reason == reason
    assert said in group.why.what
    assert group.tasks == ("other", "train")
