import pytest

from metaflow_gcp.metaflow import connections


@pytest.mark.parametrize(("replicas", "at_most"), [(1, 2 * 8 + 24), (2, 4 * 8 + 24), (5, 7 * 8 + 24)])
def test_an_upgrade_has_a_pod_more_and_with_several_one_that_is_still_stopping(replicas, at_most):
    assert connections.at_most(metadata_replicas=replicas) == at_most


def test_a_migration_fits_into_what_is_counted_for_the_pod_that_it_starts_in():
    """It holds three before the pod's own server opens its pool: never both."""
    assert connections.MIGRATION == 3
    assert connections.MIGRATION <= connections.METADATA_POOL
