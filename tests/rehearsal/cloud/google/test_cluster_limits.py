"""What auto-provisioning lets all pools grow to."""

import pytest

from rehearsal.protocol.errors import Refused
from tests.rehearsal.cloud.google.shapes import POOL, gpu


@pytest.fixture
def limited(google, network):
    """A cluster with auto-provisioning: 100 vCPUs and 4 L4 for all nodes together."""
    limits = [{"resource_type": kind, "maximum": most} for kind, most in (("cpu", 100), ("nvidia-l4", 4))]
    google.create(
        "google_container_cluster",
        name="main",
        location="us-west1",
        **network,
        cluster_autoscaling={"enabled": True, "resource_limits": limits},
    )


@pytest.mark.parametrize(
    ("machine", "most", "message"),
    [
        ("c2d-standard-56", 2, "may grow to 112 cpu, and auto-provisioning's limit for cpu, .* is 100"),
        ("a2-ultragpu-1g", 9, "may grow to 108 cpu"),
        ("custom-20-81920", 6, "may grow to 120 cpu"),
    ],
)
def test_pools_that_outgrow_the_cluster(google, limited, machine, most, message):
    wanted = POOL | {"autoscaling": {"total_max_node_count": most}, "node_config": {"machine_type": machine}}
    with pytest.raises(Refused, match=message):
        google.create("google_container_node_pool", **wanted)


def test_all_pools_count_together(google, limited):
    def pool(name, most, config):
        wanted = POOL | {"name": name, "autoscaling": {"max_node_count": most}, "node_config": config}
        google.create("google_container_node_pool", **wanted)

    pool("cpu", 5, {"machine_type": "e2-standard-8"})
    pool("gpus", 4, gpu())
    with pytest.raises(Refused, match="may grow to 104 cpu"):
        pool("more", 2, {"machine_type": "e2-standard-8"})
    with pytest.raises(Refused, match="may grow to 5 nvidia-l4"):
        pool("gpus-2", 1, gpu(machine="g2-standard-4"))
