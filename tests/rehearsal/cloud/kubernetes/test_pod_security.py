"""What a namespace's level refuses."""

import pytest

from rehearsal.cloud.kubernetes.pod_security import LABEL, event

SECURE = {
    "allow_privilege_escalation": False,
    "capabilities": [{"drop": ["ALL"]}],
    "run_as_non_root": True,
    "seccomp_profile": [{"type": "RuntimeDefault"}],
}


def pod(context=None, **more):
    return {"container": [{"name": "c", "security_context": [SECURE | (context or {})]}], **more}


@pytest.fixture
def says(cloud, kubernetes):
    [cluster] = [each.key for each in cloud.all("google_container_cluster")]

    def says(level, pod):
        kubernetes.create("kubernetes_namespace_v1", metadata={"name": "tried", "labels": {LABEL: level}})
        found = event(cloud, cluster, "tried", pod)
        return found and found.message

    return says


HOST_PATH = {"volume": [{"name": "node", "host_path": [{"path": "/"}]}]}
REFUSED = {
    "privileged": pod({"privileged": True}),
    "non-default capabilities": pod({"capabilities": [{"drop": ["ALL"], "add": ["SYS_ADMIN"]}]}),
    "host namespaces (hostNetwork=true)": pod(host_network=True),
    "hostPath volumes": pod(**HOST_PATH),
    "Unconfined": pod({"seccomp_profile": [{"type": "Unconfined"}]}),
}
BY_RESTRICTED = {
    "allowPrivilegeEscalation != false": pod({"allow_privilege_escalation": True}),
    'capabilities.drop=["ALL"]': pod({"capabilities": []}),
    "runAsNonRoot != true": pod({"run_as_non_root": False}),
    "runAsUser=0": pod({"run_as_user": "0"}),
    "seccompProfile": pod({"seccomp_profile": []}),
    "restricted volume types": pod(**HOST_PATH),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_baseline(says, reason):
    assert reason in says("baseline", REFUSED[reason])


@pytest.mark.parametrize("reason", BY_RESTRICTED)
def test_restricted(says, reason):
    said = says("restricted", BY_RESTRICTED[reason])
    assert said.startswith('pods are forbidden: violates PodSecurity "restricted:latest": ')
    assert reason in said


@pytest.mark.parametrize("level", ["baseline", "restricted"])
def test_a_pod_that_is_secure(says, level):
    assert says(level, pod()) is None


@pytest.mark.parametrize("reason", sorted(BY_RESTRICTED.keys() - {"restricted volume types"}))
def test_what_baseline_lets_through(says, reason):
    assert says("baseline", BY_RESTRICTED[reason]) is None


def test_what_the_pod_says_holds_for_its_containers(says):
    context = [{"run_as_non_root": True, "seccomp_profile": [{"type": "RuntimeDefault"}]}]
    own = {"allow_privilege_escalation": False, "capabilities": [{"drop": ["ALL"]}]}
    found = {"security_context": context, "container": [{"name": "c", "security_context": [own]}]}
    assert says("restricted", found) is None


def test_privileged_refuses_nothing(says):
    assert says("privileged", pod({"privileged": True})) is None
