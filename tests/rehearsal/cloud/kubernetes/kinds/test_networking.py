"""NetworkPolicies."""

from tests.rehearsal.cloud.kubernetes.shapes import differences


def test_a_policy_of_a_port_is_about_tcp(kubernetes):
    ingress = {"ports": [{"port": "80"}]}
    policy = {"pod_selector": {}, "policy_types": ["Ingress"], "ingress": [ingress]}
    about = {"namespace": "jobs", "name": "x"}
    assert differences(kubernetes, "kubernetes_network_policy_v1", metadata=about, spec=policy) == {}
    [made] = kubernetes.provider.cloud.all("kubernetes_network_policy")
    assert made.state["spec"][0]["ingress"][0]["ports"][0]["protocol"] == "TCP"
