"""What works on paper and does nothing."""

from rehearsal.cloud.kubernetes.findings import findings
from tests.rehearsal.cloud.kubernetes.shapes import about, deployment


def test_what_selects_no_pods_is_found(kubernetes, cloud):
    kubernetes.create(
        "kubernetes_service_v1", metadata=about(), spec={"selector": {"app": "app"}, "port": [{"port": 80}]}
    )
    budget = {"min_available": "1", "selector": {"match_labels": {"app": "app"}}}
    kubernetes.create("kubernetes_pod_disruption_budget_v1", metadata=about(), spec=budget)
    assert findings(cloud) == [
        "kubernetes_service jobs/app selects no pods: {'app': 'app'}",
        "kubernetes_pod_disruption_budget jobs/app selects no pods: {'app': 'app'}",
    ]
    kubernetes.create("kubernetes_deployment_v1", **deployment())
    assert findings(cloud) == []


def test_a_binding_to_nobody_is_found(kubernetes, cloud):
    role = {"api_group": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
    subject = {"kind": "ServiceAccount", "name": "runner", "namespace": "jobs"}
    kubernetes.create("kubernetes_role_binding_v1", metadata=about(), role_ref=role, subject=[subject])
    assert findings(cloud) == [
        "kubernetes_role_binding jobs/app binds a service account that does not exist: jobs/runner"
    ]
    kubernetes.create("kubernetes_service_account_v1", metadata=about("runner"))
    assert findings(cloud) == []
