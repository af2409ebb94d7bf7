"""Admission policies in the rehearsal: they are checked when they are made, and hold for jobs that charts bring."""

from typing import Any

import pytest

from rehearsal.cloud.kubernetes.admission import Request, problems, refusals
from rehearsal.protocol.errors import Refused

POLICY: dict[str, Any] = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingAdmissionPolicy",
    "metadata": {"name": "pods"},
    "spec": {
        "failurePolicy": "Fail",
        "matchConstraints": {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "jobs"}},
            "resourceRules": [
                {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
            ],
        },
        "matchConditions": [{"name": "others", "expression": "request.userInfo.username != 'root'"}],
        "variables": [
            {"name": "account", "expression": "object.spec.serviceAccountName"},
            {"name": "good", "expression": "variables.account.startsWith('good')"},
        ],
        "validations": [
            {"expression": "variables.good", "messageExpression": "'not as ' + variables.account"},
            {"expression": "!has(object.spec.nodeName)", "message": "no node"},
        ],
    },
}
BINDING: dict[str, Any] = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingAdmissionPolicyBinding",
    "metadata": {"name": "pods"},
    "spec": {"policyName": "pods", "validationActions": ["Deny"]},
}


def asked(*objects, user="ada", operation="CREATE", resource="pods", namespace="jobs", **spec):
    request = Request(
        user=user, operation=operation, resource=resource, namespace=namespace, object={"metadata": {}, "spec": spec}
    )
    return list(refusals(objects, request))


def test_every_rule_that_does_not_hold_refuses():
    assert asked(POLICY, BINDING, serviceAccountName="good-one") == []
    assert asked(POLICY, BINDING, serviceAccountName="bad", nodeName="x") == ["not as bad", "no node"]


def test_a_policy_without_a_binding_does_nothing():
    assert asked(POLICY, serviceAccountName="bad") == []


@pytest.mark.parametrize(
    "other", [{"user": "root"}, {"operation": "UPDATE"}, {"resource": "jobs"}, {"namespace": "default"}], ids=str
)
def test_it_is_about_what_it_says(other):
    assert asked(POLICY, BINDING, serviceAccountName="bad", **other) == []


def test_an_expression_that_fails_refuses():
    """`failurePolicy: Fail`. An error in a variable is one of the rules that use it."""
    [refusal] = asked(POLICY, BINDING)
    assert "variables.good" in refusal


def test_what_is_wrong_with_a_policy_is_said():
    assert list(problems(POLICY, ["pods"])) == []
    broken = POLICY | {
        "spec": POLICY["spec"] | {"variables": [{"name": "a", "expression": "object."}], "paramKind": {}}
    }
    unknown, syntax = problems(broken, ["pods"])
    assert "paramKind" in unknown
    assert syntax.endswith("object.")


def test_a_binding_that_refuses_nothing_is_said():
    assert list(problems(BINDING, ["pods"])) == []
    audit = BINDING | {"spec": {"policyName": "others", "validationActions": ["Audit"]}}
    nowhere, harmless = problems(audit, ["pods"])
    assert "there is no policy others" in nowhere
    assert "Audit" in harmless


CHART = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: pods}}
spec:
  failurePolicy: Fail
  matchConstraints:
    namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: jobs}}}}
    resourceRules: [{{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}}]
  validations: [{{expression: "{expression}", message: no account of its own}}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: pods}}
spec: {{policyName: pods, validationActions: [Deny]}}
"""
JOB = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: runner, annotations: {helm.sh/hook: post-install}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: once, annotations: {helm.sh/hook: post-install}}
spec: {template: {spec: {serviceAccountName: runner, restartPolicy: Never, containers: [{name: a, image: a}]}}}
"""


@pytest.fixture
def release(tmp_path):
    def release(name, text):
        folder = tmp_path / name
        (folder / "templates").mkdir(parents=True)
        (folder / "Chart.yaml").write_text(f'apiVersion: v2\nname: {name}\nversion: "1.0.0"\n')
        (folder / "templates" / "all.yaml").write_text(text)
        return {"name": name, "namespace": "jobs", "chart": str(folder)}

    return release


def test_a_job_whose_pods_a_policy_refuses_does_not_run(helm, release):
    helm.create("helm_release", **release("policies", CHART.format(expression="object.spec.serviceAccountName == 'x'")))
    with pytest.raises(Refused, match="no account of its own"):
        helm.create("helm_release", **release("events", JOB))


def test_what_hooks_bring_for_each_other_is_there_while_they_run_and_not_after(helm, release):
    helm.create("helm_release", **release("events", JOB))
    assert [each.key.id for each in helm.provider.cloud.all("kubernetes_service_account")] == []


def test_a_policy_that_does_not_parse_is_refused(helm, release):
    with pytest.raises(Refused, match="object\\."):
        helm.create("helm_release", **release("policies", CHART.format(expression="object.")))
