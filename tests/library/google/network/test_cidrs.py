import pytest

from metaflow_gcp.checks import Checks
from metaflow_gcp.google.network import cidrs

GOOD = {"nodes": "10.0.0.0/20", "pods": "10.4.0.0/14", "services": "10.8.0.0/20"}


def test_ranges_that_are_private_and_apart_pass():
    checks = Checks()
    cidrs.check_ranges(checks, **GOOD)
    cidrs.check_room(checks, nodes=GOOD["nodes"], pods=GOOD["pods"], node_count=1024)
    assert checks.problems == []


@pytest.mark.parametrize(
    ("changed", "where", "wrong"),
    [
        ({"nodes": "10.0.0.0"}, "nodes_cidr", "'10.0.0.0' is not written as its range"),
        ({"nodes": "10.0.0.7/20"}, "nodes_cidr", "'10.0.0.7/20' is not written as its range"),
        ({"nodes": "10.0.0.0/33"}, "nodes_cidr", "'10.0.0.0/33' is not a range of addresses"),
        ({"nodes": "fd00::/20"}, "nodes_cidr", "'fd00::/20' is not a range of addresses"),
        ({"pods": "8.8.0.0/16"}, "pods_cidr", "'8.8.0.0/16' is not a private range"),
        ({"pods": "10.0.0.0/7"}, "pods_cidr", "is not a private range"),
        ({"services": "10.0.8.0/21"}, "services_cidr", "'10.0.8.0/21' overlaps nodes_cidr ('10.0.0.0/20')"),
        ({"services": "10.8.0.0/28"}, "services_cidr", "'10.8.0.0/28' is a /28"),
        ({"services": "10.8.0.0/15"}, "services_cidr", "'10.8.0.0/15' is a /15"),
    ],
)
def test_a_wrong_range_is_named(changed, where, wrong):
    checks = Checks()
    cidrs.check_ranges(checks, **{**GOOD, **changed})
    assert checks.problems[0].where == where
    assert wrong in checks.problems[0].wrong


def test_room_is_counted_in_both_ranges():
    checks = Checks()
    cidrs.check_room(checks, nodes="10.0.0.0/28", pods="10.4.0.0/21", node_count=12)
    nodes, pods = checks.problems
    assert "11 nodes; the pools may grow to 12" in nodes.wrong
    assert nodes.allowed == "/27 or larger"
    assert "8 nodes; the pools may grow to 12" in pods.wrong
    assert pods.allowed == "/20 or larger"


def test_a_pods_range_smaller_than_one_node_has_room_for_none():
    checks = Checks()
    cidrs.check_room(checks, nodes="10.0.0.0/20", pods="10.4.0.0/25", node_count=1)
    assert "each of 0 nodes" in checks.problems[0].wrong


def test_ranges_known_to_terraform_only_pass():
    checks = Checks()
    token = "${TfToken[TOKEN.1]}"
    cidrs.check_ranges(checks, nodes=token, pods=token, services=token)
    cidrs.check_room(checks, nodes=token, pods=token, node_count=10**6)
    cidrs.check_authorized(checks, "authorized_networks", {"office": token})
    assert checks.problems == []


def test_the_control_plane_is_not_opened_to_everyone():
    checks = Checks()
    cidrs.check_authorized(checks, "authorized_networks", {"office": "203.0.113.0/24", "all": "0.0.0.0/0", "bad": "x"})
    assert [problem.where for problem in checks.problems] == ["authorized_networks.all", "authorized_networks.bad"]
    assert "whole internet" in checks.problems[0].wrong
