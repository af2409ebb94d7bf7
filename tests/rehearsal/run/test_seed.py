"""What is in the cloud before a rehearsal."""

import json

import pytest

from rehearsal.cloud.model import Cloud
from rehearsal.run import seed
from rehearsal.run.errors import WrongUse
from tests.rehearsal.run.test_check import SEEDED


def test_a_seeded_object_is_complete(tmp_path):
    cloud, file = Cloud(tmp_path / "cloud.sqlite"), tmp_path / "cloud.json"
    file.write_text(json.dumps(SEEDED))
    seed.seed(cloud, file)
    [cluster] = cloud.all("google_container_cluster")
    assert cluster.key.id == "projects/acme/locations/us-west1/clusters/main"
    assert cluster.state["endpoint"]
    assert cloud.quota("acme", "us-west1", "NVIDIA_L4_GPUS") == 4
    assert [each.key.scope for each in cloud.all("kubernetes_namespace")] == [cluster.key.id]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"objects": [{"type": "google_thing", "attributes": {}}]}, "no resource type google_thing"),
        ({"objects": [{"type": "google_compute_network", "attributes": {"nam": "x"}}]}, "has no attribute nam"),
        ({"objects": [{"type": "kubernetes_secret", "attributes": {}}]}, "must name one of the clusters"),
        ({"objects": [{}]}, "see `rehearsal/run/seed.py`"),
        ({"projects": []}, "see `rehearsal/run/seed.py`"),
    ],
)
def test_a_seed_that_is_wrong(tmp_path, wanted, message):
    file = tmp_path / "cloud.json"
    file.write_text(json.dumps(wanted))
    with pytest.raises(WrongUse, match=message):
        seed.seed(Cloud(tmp_path / "cloud.sqlite"), file)
