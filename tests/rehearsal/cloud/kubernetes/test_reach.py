"""Ports that do not fit together, and ways that network policies close."""

import pytest

from rehearsal.cloud.kubernetes.reach import findings
from tests.rehearsal.cloud.kubernetes.shapes import about, deployment

PORT = {"container": {"port": [{"container_port": 8080, "name": "http"}]}}
SELECTOR = {"match_labels": {"app": "app"}}


@pytest.fixture
def app(kubernetes):
    kubernetes.create("kubernetes_deployment_v1", **deployment(**PORT))


def policy(kubernetes, selector=None, **spec):
    spec = {"pod_selector": selector or SELECTOR, "policy_types": [each.title() for each in spec], **spec}
    kubernetes.create("kubernetes_network_policy_v1", metadata=about(), spec=spec)


@pytest.mark.parametrize(("target", "fits"), [("http", True), ("8080", True), ("https", False), ("9999", False)])
def test_the_port_that_a_service_leads_to(kubernetes, cloud, app, target, fits):
    spec = {"selector": {"app": "app"}, "port": [{"port": 80, "target_port": target}]}
    kubernetes.create("kubernetes_service_v1", metadata=about(), spec=spec)
    said = f"kubernetes_service jobs/app: deployment jobs/app opens no port {target}"
    assert list(findings(cloud)) == ([] if fits else [said])


@pytest.mark.parametrize(("port", "fits"), [("8080", True), ("http", True), ("9999", False)])
def test_the_port_that_a_policy_opens(kubernetes, cloud, app, port, fits):
    policy(kubernetes, ingress=[{"ports": [{"port": port}]}])
    said = f"kubernetes_network_policy jobs/app: none of its pods opens port {port}"
    assert list(findings(cloud)) == ([] if fits else [said])


def test_a_policy_for_nobody(kubernetes, cloud, app):
    policy(kubernetes, {"match_labels": {"app": "others"}}, ingress=[])
    assert list(findings(cloud)) == ["kubernetes_network_policy jobs/app selects no pods: {'app': 'others'}"]


def test_pods_that_are_let_out_to_no_names(kubernetes, cloud, app):
    policy(kubernetes, egress=[{"ports": [{"port": "53", "protocol": "TCP"}]}])
    assert list(findings(cloud)) == ["deployment jobs/app: network policies let it out to no DNS (port 53, UDP)"]


def test_a_policy_that_lets_everything_out(kubernetes, cloud, app):
    policy(kubernetes, egress=[{}])
    assert list(findings(cloud)) == []


def test_a_webhook_behind_the_firewall_of_private_nodes(kubernetes, google, cloud):
    port = {"container": {"port": [{"container_port": 9443, "name": "webhook-server"}]}}
    kubernetes.create("kubernetes_deployment_v1", **deployment(**port))
    google.create(
        "google_compute_firewall", name="none", network="vpc", source_ranges=["0.0.0.0/0"], deny=[{"protocol": "all"}]
    )
    [said] = findings(cloud)
    assert said == "deployment jobs/app: no firewall rule lets the control plane through to its webhook, port 9443"
    allow = [{"protocol": "tcp", "ports": ["9443"]}]
    google.create("google_compute_firewall", name="hooks", network="vpc", source_ranges=["10.0.0.0/8"], allow=allow)
    assert list(findings(cloud)) == []
