"""Ranges of a cluster: their room, and that they do not overlap."""

import pytest

from rehearsal.protocol.errors import Refused
from tests.rehearsal.cloud.google.shapes import POOL


@pytest.fixture
def subnet(google):
    google.create("google_compute_network", name="own")

    def subnet(nodes="10.0.0.0/20", pods="10.4.0.0/14", services="10.8.0.0/20"):
        ranges = [("pods", pods), ("services", services)]
        google.create(
            "google_compute_subnetwork",
            name="own",
            network="own",
            region="us-west1",
            ip_cidr_range=nodes,
            secondary_ip_range=[{"range_name": name, "ip_cidr_range": block} for name, block in ranges],
        )

    return subnet


@pytest.fixture
def cluster(google):
    def cluster():
        google.create(
            "google_container_cluster",
            name="main",
            location="us-west1",
            network="own",
            subnetwork="own",
            ip_allocation_policy={"cluster_secondary_range_name": "pods", "services_secondary_range_name": "services"},
        )

    return cluster


@pytest.mark.parametrize("ranges", [{"pods": "10.0.0.0/14"}, {"services": "10.4.0.0/20"}, {"nodes": "10.8.0.0/22"}])
def test_ranges_of_one_subnet_overlap(subnet, ranges):
    with pytest.raises(Refused, match=r"Invalid IPCidrRange: .* of the same subnetwork"):
        subnet(**ranges)


def test_services_have_32_addresses(subnet, cluster):
    subnet(services="10.8.0.0/28")
    with pytest.raises(Refused, match=r"Services range 10.8.0.0/28 is too small: at least a /27"):
        cluster()


@pytest.mark.parametrize(
    ("ranges", "said"),
    [
        ({"pods": "10.4.0.0/22"}, "may grow to 5 nodes, and the range of pods has room for 4"),
        ({"nodes": "10.0.0.0/29"}, "may grow to 5 nodes, and the range of nodes has room for 4"),
        ({"pods": "10.4.0.0/21"}, None),
    ],
)
def test_pools_that_outgrow_the_ranges_are_noted(subnet, cluster, google, cloud, ranges, said):
    subnet(**ranges)
    cluster()
    for name, most in (("one", 2), ("two", 3)):
        google.create(
            "google_container_node_pool", **POOL | {"name": name, "autoscaling": {"total_max_node_count": most}}
        )
    notes = [note for note in cloud.notes() if "IP_SPACE_EXHAUSTED" in note]
    assert [said in note for note in notes] == ([True] if said else [])
