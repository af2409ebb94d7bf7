"""What Argo makes of its configuration: releases with which no deployed flow would run."""

import json

import pytest

from rehearsal.protocol.errors import Refused

TOKEN = {
    "apiVersion": "v1",
    "kind": "Secret",
    "type": "kubernetes.io/service-account-token",
    "metadata": {
        "namespace": "jobs",
        "name": "executor.service-account-token",
        "annotations": {"kubernetes.io/service-account.name": "executor"},
    },
}
EXECUTOR = {"executor": {"serviceAccountName": "executor"}, "automountServiceAccountToken": False}


@pytest.fixture
def install(helm, kubernetes):
    for name in ("executor", "tasks"):
        kubernetes.create(
            "kubernetes_service_account_v1",
            metadata=[{"namespace": "jobs", "name": name}],
            automount_service_account_token=False,
        )

    def install(spec, namespace="jobs", **values):
        controller = {"workflowDefaults": {"spec": spec}, "extraArgs": ["--managed-namespace=jobs"]}
        return helm.create(
            "helm_release",
            name="argo",
            namespace=namespace,
            chart="argo-workflows",
            version="0.47.5",
            repository="https://argoproj.github.io/argo-helm",
            values=[json.dumps({"controller": controller} | values)],
        )

    return install


def test_argo_s_own_containers_have_an_account_with_a_token(install, cloud):
    install(EXECUTOR, extraObjects=[TOKEN])
    [secret] = cloud.all("kubernetes_secret")
    assert secret.state["type"] == "kubernetes.io/service-account-token"


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"serviceAccountName": "default"},
        {"serviceAccountName": "tasks", "podSpecPatch": "automountServiceAccountToken: true"},
    ],
)
def test_or_the_token_of_the_pod(install, spec):
    install(spec)


@pytest.mark.parametrize(
    ("spec", "values", "message"),
    [
        (
            {"serviceAccountName": "tasks", "automountServiceAccountToken": True},
            {},
            "no configuration has been provided: the account tasks gives its pods no token",
        ),
        ({"serviceAccountName": "tasks"}, {}, "no configuration has been provided"),
        ({"automountServiceAccountToken": False}, {}, "executor.serviceAccountName must not be empty"),
        (EXECUTOR, {}, '"executor.service-account-token" of the type'),
        (EXECUTOR, {"extraObjects": [TOKEN | {"type": "Opaque"}]}, '"executor.service-account-token" of the type'),
        ({"executor": {"serviceAccountName": "nobody"}}, {}, 'serviceaccounts "nobody" not found in jobs'),
        (
            EXECUTOR,
            {"extraObjects": [TOKEN], "mainContainer": {"resources": {"limits": {"memory": "512Mi"}}}},
            "must be less than or equal to the limits",
        ),
    ],
)
def test_no_workflow_would_run(install, spec, values, message):
    with pytest.raises(Refused, match=message):
        install(spec, **values)


def test_a_request_for_who_gives_none_does_no_harm(install):
    install(EXECUTOR, extraObjects=[TOKEN], mainContainer={"resources": {"requests": {"memory": "64Mi"}}})
