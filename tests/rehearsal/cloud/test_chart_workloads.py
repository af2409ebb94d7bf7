"""What the pods of the known charts need to start."""

import json

import pytest

from rehearsal.protocol.errors import Refused
from tests.rehearsal.cloud.kubernetes.test_manifests import EVENTS


def release(**values):
    return EVENTS | {"values": [json.dumps(values)]}


@pytest.mark.parametrize(
    ("values", "event"),
    [
        ({"controller": {"nodeSelector": {"pool": "none"}}}, "FailedScheduling: 0/1 nodes are available"),
        ({"controller": {"resources": {"requests": {"memory": "900Gi"}}}}, "Insufficient memory"),
        (
            {"controller": {"serviceAccount": {"create": False, "name": "nobody"}}},
            'FailedCreate: serviceaccount "nobody" not found',
        ),
        ({"global": {"image": {"tag": "v0.0.1"}}}, "quay.io/argoproj/argo-events:v0.0.1: not found"),
    ],
)
def test_a_release_whose_pods_do_not_start(helm, values, event):
    with pytest.raises(Refused) as refused:
        helm.create("helm_release", **release(**values))
    assert event in refused.value.problem.detail
    assert refused.value.state["name"] == EVENTS["name"]


def test_atomic_takes_it_back(helm, cloud):
    with pytest.raises(Refused, match="has been uninstalled due to atomic being set: context deadline") as refused:
        helm.create("helm_release", **release(controller={"nodeSelector": {"pool": "none"}}), atomic=True)
    assert refused.value.state is None
    assert cloud.all("helm_release") == []


def test_the_defaults_start(helm, cloud):
    helm.create("helm_release", **EVENTS)
    [made] = cloud.all("kubernetes_deployment")
    assert made.state["metadata"][0]["labels"]["app.kubernetes.io/instance"] == EVENTS["name"]
