import pytest

from metaflow_gcp.kubernetes.placement import SYSTEM_POOL
from metaflow_gcp.kubernetes.size import Size
from metaflow_gcp.metaflow.argo.jobset import JobSetController, JobSetControllerProps

MINIMAL = {"namespace": "argo", "jobs_namespace": "metaflow-jobs"}
MAXIMAL = MINIMAL | {
    "executor_service_account": "some-executor",
    "chart_version": "0.11.1",
    "image_repository": "example.com/jobset",
    "size": Size(cpu="1", memory="1Gi", memory_limit="2Gi"),
    "placement": SYSTEM_POOL,
}


@pytest.fixture
def jobset(synthesize):
    def jobset(properties=MINIMAL):
        def build(scope):
            JobSetController(scope, "jobset", JobSetControllerProps(**properties))

        return synthesize(build)

    return jobset


def test_minimal_the_construct_ids_are_a_contract(jobset):
    assert jobset().paths == {
        "helm_release": ["jobset/release"],
        "kubernetes_network_policy_v1": ["jobset/release-network-policy"],
    }


def test_people_make_jobsets_as_themselves_so_no_account_may_by_default(jobset):
    assert "kubernetes_role_v1" not in jobset().resources


def test_maximal(jobset, holds):
    [taint] = SYSTEM_POOL.taints
    holds(
        jobset(MAXIMAL).release("jobset")["values"],
        {
            "image": {"repository": "example.com/jobset", "tag": "v0.11.1"},
            "controller": {
                "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
                "nodeSelector": dict(SYSTEM_POOL.labels),
                "tolerations": [{"key": taint.key, "operator": "Equal", "value": taint.value, "effect": "NoSchedule"}],
            },
        },
    )


def test_the_chart_is_pinned_and_so_is_the_image(jobset, holds):
    """Known defect 20 of the templates; the chart's own default is the image of a moving branch, too."""
    holds(
        jobset().release("jobset"),
        {
            "repository": "oci://registry.k8s.io/jobset/charts",
            "chart": "jobset",
            "version": "0.11.1",
            "namespace": "argo",
            "values": {
                "image": {
                    "repository": "registry.k8s.io/jobset/jobset",
                    "tag": "v0.11.1",
                    "pullPolicy": "IfNotPresent",
                }
            },
        },
    )


def test_apply_returns_when_it_works(jobset, holds):
    """Known defect 14 of the templates."""
    holds(jobset().release("jobset"), {"wait": True, "atomic": True, "create_namespace": False})


def test_apply_waits_for_longer_than_its_first_starts_fail(jobset):
    """The chart's Secret has empty keys: the controller fills them, and ends until the kubelet shows them to it.

    That takes a minute or two (the kubelet's period, and 10, 20 and 40 seconds between restarts). Helm's `wait` looks
    at the Deployment alone, not at restarts. https://github.com/kubernetes-sigs/jobset/blob/v0.11.1/pkg/util/cert/cert.go
    """
    assert jobset().release("jobset")["timeout"] >= 10 * 60


def test_only_the_webhook_is_open_and_before_the_pods_are(jobset):
    stack = jobset()
    policy = stack.only("kubernetes_network_policy_v1")
    assert policy["spec"]["pod_selector"] == {"match_labels": {"app.kubernetes.io/instance": "jobset"}}
    assert policy["spec"]["ingress"] == [{"ports": [{"port": "9443", "protocol": "TCP"}]}]
    assert stack.release("jobset")["depends_on"] == ["kubernetes_network_policy_v1.<jobset/release-network-policy>"]


def test_a_deployed_flow_s_executor_may_make_a_jobset_and_look_at_it(jobset):
    stack = jobset(MAXIMAL)
    assert stack.paths["kubernetes_role_v1"] == ["jobset/executor/role"]
    role = stack.only("kubernetes_role_v1")
    assert role["metadata"]["namespace"] == "metaflow-jobs"
    assert role["rule"] == [
        {
            "api_groups": ["jobset.x-k8s.io"],
            "resources": ["jobsets"],
            "verbs": ["create", "get"],
        },
        # It belongs to its workflow.
        {"api_groups": ["argoproj.io"], "resources": ["workflows/finalizers"], "verbs": ["update"]},
    ]
    [subject] = stack.only("kubernetes_role_binding_v1")["subject"]
    assert subject == {"kind": "ServiceAccount", "namespace": "metaflow-jobs", "name": "some-executor"}


def test_its_pod_keeps_to_the_restricted_profile(jobset, holds):
    holds(
        jobset().release("jobset")["values"]["controller"],
        {
            "podSecurityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            },
        },
    )


def test_it_asks_for_little(jobset):
    """Known defect 13 of the templates; the chart's own default asks for half a CPU."""
    resources = jobset().release("jobset")["values"]["controller"]["resources"]
    assert resources == {"requests": {"cpu": "25m", "memory": "64Mi"}, "limits": {"memory": "512Mi"}}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"chart_version": "0.12.0"}, "0.11.1"),
        ({"image_repository": "not an image"}, "[registry/]name"),
        ({"namespace": "Argo"}, "up to 63"),
        ({"jobs_namespace": "jobs_"}, "up to 63"),
        ({"executor_service_account": "e" * 64}, "at most 63"),
    ],
)
def test_refused(given, said, refused):
    [where] = given
    refused(lambda: JobSetControllerProps(**MINIMAL | given), where, said)
