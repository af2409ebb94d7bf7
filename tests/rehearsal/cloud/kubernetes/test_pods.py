"""What the API server refuses of a pod by itself."""

import pytest

from rehearsal.protocol.errors import Refused
from tests.rehearsal.cloud.kubernetes.shapes import deployment


def mounts(name):
    return {"volume_mount": [{"name": name, "mount_path": "/x"}]}


@pytest.mark.parametrize(
    ("container", "problem"),
    [
        (mounts("others"), r"containers\[0\].volumeMounts\[0\].name: Not found: 'others'"),
        ({"resources": {"requests": {"memory": "300Mi000"}}}, "quantities must match the regular expression"),
        (
            {"resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}},
            "must be less than or equal to memory limit of 1Gi",
        ),
    ],
)
def test_what_is_invalid(kubernetes, container, problem):
    with pytest.raises(Refused, match=problem):
        kubernetes.create("kubernetes_deployment_v1", **deployment(container=container))
    assert kubernetes.provider.cloud.all("kubernetes_deployment") == []


def test_two_containers_of_one_name(kubernetes):
    with pytest.raises(Refused, match="Duplicate value: 'c'"):
        kubernetes.create("kubernetes_deployment_v1", **deployment(init_container=[{"name": "c", "image": "i"}]))


def test_what_is_valid(kubernetes):
    volume = [{"name": "own", "empty_dir": {}}]
    kubernetes.create("kubernetes_deployment_v1", **deployment(volume=volume, container=mounts("own")))
