"""Priority classes."""

from tests.rehearsal.cloud.kubernetes.shapes import differences


def test_a_priority_class_says_it_all(kubernetes):
    """The server fills in nothing that the provider has no default for."""
    assert differences(kubernetes, "kubernetes_priority_class_v1", metadata={"name": "urgent"}, value=5) == {}
