"""Roles and their bindings."""

from tests.rehearsal.cloud.kubernetes.shapes import differences


def test_a_binding(kubernetes):
    about = {"namespace": "jobs", "name": "x"}
    subject = {"kind": "User", "name": "ada@example.com"}
    role = {"api_group": "rbac.authorization.k8s.io", "kind": "Role", "name": "x"}
    binding = {"metadata": about, "role_ref": role, "subject": [subject]}
    assert differences(kubernetes, "kubernetes_role_binding_v1", **binding) == {}
    [made] = kubernetes.provider.cloud.all("kubernetes_role_binding")
    assert made.state["subject"][0]["api_group"] == "rbac.authorization.k8s.io"
