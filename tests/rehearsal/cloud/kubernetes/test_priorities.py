"""Priority classes: pods that name one which is not there are not made."""

import pytest

from rehearsal.protocol.errors import Refused
from tests.rehearsal.cloud.kubernetes.shapes import deployment


def test_a_class_that_is_not_there(kubernetes):
    with pytest.raises(Refused, match="no PriorityClass with name urgent was found"):
        kubernetes.create("kubernetes_deployment_v1", **deployment(priority_class_name="urgent"))


def test_one_that_is_there(kubernetes):
    kubernetes.create("kubernetes_priority_class_v1", metadata={"name": "urgent"}, value=5)
    kubernetes.create("kubernetes_deployment_v1", **deployment(priority_class_name="urgent"))


def test_one_of_kubernetes_own(kubernetes):
    kubernetes.create("kubernetes_deployment_v1", **deployment(priority_class_name="system-cluster-critical"))
