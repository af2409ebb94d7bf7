import pytest

from metaflow_gcp.kubernetes.node_port import NodePort, NodePortProps

MINIMAL = {
    "namespace": "metaflow",
    "name": "ui-endpoint",
    "pods": {"app.kubernetes.io/name": "ui"},
    "port": 8083,
    "node_port": 30083,
    "sources": ("35.191.0.0/16",),
}


def test_only_the_pod_s_own_node_answers_and_only_the_sources_get_through(synthesize, holds):
    stack = synthesize(lambda scope: NodePort(scope, "port", NodePortProps(**MINIMAL)))
    spec = stack.only("kubernetes_service_v1")["spec"]
    holds(spec, {"type": "NodePort", "external_traffic_policy": "Local", "selector": MINIMAL["pods"]})
    assert spec["port"] == [{"name": "http", "port": 8083, "target_port": "8083", "node_port": 30083}]
    policy = stack.only("kubernetes_network_policy_v1")["spec"]
    assert policy["pod_selector"] == {"match_labels": MINIMAL["pods"]}
    assert policy["ingress"] == [
        {"from": [{"ip_block": {"cidr": "35.191.0.0/16"}}], "ports": [{"port": "8083", "protocol": "TCP"}]}
    ]


@pytest.mark.parametrize(
    ("properties", "where", "said"),
    [
        ({"node_port": 8083}, "node_port", "30000 to 32767"),
        ({"pods": {}}, "pods", "labels of the pods"),
        ({"sources": ()}, "sources", "load balancer"),
        ({"name": "UI"}, "name", "a-z"),
    ],
)
def test_wrong_properties(properties, where, said, refused):
    refused(lambda: NodePortProps(**MINIMAL | properties), where, said)
