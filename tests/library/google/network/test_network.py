import pytest

from metaflow_gcp.google.network.network import Network, NetworkProps
from metaflow_gcp.google.requirements import Quota

MINIMAL = {
    "project": "some-project",
    "name": "vpc-metaflow-default",
    "subnetwork_name": "snet-metaflow-default",
    "region": "us-west1",
    "nodes_cidr": "10.0.0.0/20",
    "pods_cidr": "10.4.0.0/14",
    "services_cidr": "10.1.0.0/20",
}


@pytest.fixture
def network(synthesize):
    def network(**properties):
        return synthesize(lambda scope: Network(scope, "network", NetworkProps(**MINIMAL | properties)))

    return network


def test_minimal(network, holds):
    stack = network()
    assert stack.paths == {
        "google_compute_firewall": ["network/deny-ingress", "network/webhooks"],
        "google_compute_network": ["network/vpc"],
        "google_compute_router": ["network/router"],
        "google_compute_router_nat": ["network/nat"],
        "google_compute_subnetwork": ["network/subnetwork"],
    }
    vpc = "${google_compute_network.<network/vpc>.self_link}"
    holds(
        stack.resources,
        {
            "google_compute_network": {"network/vpc": {"project": "some-project", "name": "vpc-metaflow-default"}},
            "google_compute_subnetwork": {
                "network/subnetwork": {
                    "name": "snet-metaflow-default",
                    "region": "us-west1",
                    "network": vpc,
                    "ip_cidr_range": "10.0.0.0/20",
                    "secondary_ip_range": [
                        {"range_name": "pods", "ip_cidr_range": "10.4.0.0/14"},
                        {"range_name": "services", "ip_cidr_range": "10.1.0.0/20"},
                    ],
                }
            },
            "google_compute_router": {"network/router": {"name": "vpc-metaflow-default-router", "network": vpc}},
        },
    )


def test_maximal_here_means_one_thing_less(network):
    assert "log_config" in network().only("google_compute_subnetwork")
    assert "log_config" not in network(flow_logs=False).only("google_compute_subnetwork")


def test_flow_logs_are_a_sample_for_every_record_costs(network, holds):
    holds(
        network().only("google_compute_subnetwork")["log_config"],
        {"flow_sampling": 0.25, "aggregation_interval": "INTERVAL_10_MIN"},
    )


def test_no_subnet_is_made_by_itself(network):
    assert network().only("google_compute_network")["auto_create_subnetworks"] is False


def test_nodes_without_external_addresses_reach_google_s_apis(network):
    assert network().only("google_compute_subnetwork")["private_ip_google_access"] is True


def test_nodes_without_external_addresses_reach_the_internet_through_nat(network, holds):
    """Known defect 11 of the templates: private nodes without NAT."""
    holds(
        network().only("google_compute_router_nat"),
        {
            "router": "${google_compute_router.<network/router>.name}",
            "nat_ip_allocate_option": "AUTO_ONLY",
            "source_subnetwork_ip_ranges_to_nat": "LIST_OF_SUBNETWORKS",
            "subnetwork": [
                {
                    "name": "${google_compute_subnetwork.<network/subnetwork>.self_link}",
                    "source_ip_ranges_to_nat": ["ALL_IP_RANGES"],
                }
            ],
        },
    )


def test_a_node_full_of_tasks_gets_more_than_64_ports(network, holds):
    nat = network().only("google_compute_router_nat")
    # Google refuses dynamic ports together with endpoint-independent mapping, and minima that are no power of two.
    holds(nat, {"enable_dynamic_port_allocation": True, "enable_endpoint_independent_mapping": False})
    assert nat["max_ports_per_vm"] > nat["min_ports_per_vm"] >= 32
    assert all(nat[key].bit_count() == 1 for key in ("min_ports_per_vm", "max_ports_per_vm"))


def test_the_firewall_denies_what_nothing_allows_and_logs_it(network, holds):
    rule = network()["google_compute_firewall"]["network/deny-ingress"]
    holds(
        rule,
        {
            "direction": "INGRESS",
            "source_ranges": ["0.0.0.0/0"],
            "deny": [{"protocol": "all"}],
            "allow": None,
            "log_config": {"metadata": "EXCLUDE_ALL_METADATA"},
        },
    )
    assert rule["priority"] > 1000  # GKE's own rules come first
    assert rule["priority"] < 65535  # the implied rule, which logs nothing, comes last


def test_requirements_name_the_address_that_nat_takes(synthesize):
    made = []
    synthesize(lambda scope: made.append(Network(scope, "network", NetworkProps(**MINIMAL))))
    [network] = made
    assert network.requirements.apis == {"compute.googleapis.com"}
    assert network.requirements.quotas == (
        Quota(metric="IN_USE_ADDRESSES", region="us-west1", at_start=1, at_maximum=1),
    )


@pytest.mark.parametrize(
    ("properties", "where", "said"),
    [
        ({"name": "VPC"}, "name", "a letter first"),
        ({"subnetwork_name": "s" * 64}, "subnetwork_name", "at most 63"),
        ({"nodes_cidr": "10.0.0.0"}, "nodes_cidr", 'write "10.0.0.0/32"'),
        ({"nodes_cidr": "8.8.0.0/20"}, "nodes_cidr", "10.0.0.0/8"),
        ({"pods_cidr": "10.0.0.0/16"}, "pods_cidr", "without a common address"),
        ({"services_cidr": "10.1.0.0/30"}, "services_cidr", "/27"),
    ],
)
def test_what_is_wrong_is_refused(properties, where, said, refused):
    refused(lambda: NetworkProps(**MINIMAL | properties), where, said)


def test_the_control_plane_reaches_the_webhooks_of_controllers_and_no_other_network_does(network, holds):
    """GKE's own rule lets it reach 443 and 10250 only: making a JobSet would fail."""
    rule = network()["google_compute_firewall"]["network/webhooks"]
    holds(rule, {"direction": "INGRESS", "deny": None})
    assert rule["allow"] == [{"ports": ["9443"], "protocol": "tcp"}]
    assert rule["source_ranges"] == [MINIMAL["nodes_cidr"], MINIMAL["pods_cidr"]]
