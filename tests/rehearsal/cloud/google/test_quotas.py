"""Quotas are counted."""

import pytest

from rehearsal.protocol.errors import Refused
from tests.rehearsal.cloud.google.shapes import POOL


def test_networks(google, cloud):
    cloud.set_quota("acme", "global", "NETWORKS", 1)
    google.create("google_compute_network", name="one")
    with pytest.raises(Refused, match=r"Quota 'NETWORKS' exceeded. Limit: 1.0 globally., quotaExceeded"):
        google.create("google_compute_network", name="two")


@pytest.mark.parametrize(
    ("metric", "machine", "needed"),
    [
        ("CPUS", "e2-standard-4", 12),
        ("N2_CPUS", "n2-standard-4", 12),
        ("SSD_TOTAL_GB", "e2-small", 300),
        ("INSTANCES", "e2-small", 3),
    ],
)
def test_nodes(google, cloud, cluster, metric, machine, needed):
    config = {"machine_type": machine, "disk_type": "pd-balanced", "disk_size_gb": 100}
    wanted = POOL | {
        "node_count": 1,
        "node_locations": ["us-west1-a", "us-west1-b", "us-west1-c"],
        "node_config": config,
    }
    cloud.set_quota("acme", "us-west1", metric, needed)
    google.create("google_container_node_pool", **wanted)
    with pytest.raises(
        Refused, match=f"resource \"{metric}\": request requires '{needed:.1f}' and is short '{needed:.1f}'"
    ):
        google.create("google_container_node_pool", **wanted | {"name": "another"})


def test_a_pool_that_starts_at_zero_draws_on_nothing(google, cloud, cluster):
    cloud.set_quota("acme", "us-west1", "CPUS", 0)
    google.create(
        "google_container_node_pool", **POOL | {"initial_node_count": 0, "autoscaling": {"max_node_count": 9}}
    )
