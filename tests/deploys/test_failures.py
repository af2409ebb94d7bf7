"""A deployment that breaks is run again, and again, until it is done: nothing has to be mended by hand."""

import pytest

from rehearsal.cloud import failures

UNPROTECTED = {"METAFLOW_GCP_DELETION_PROTECTION": "false"}


@pytest.mark.long
@pytest.mark.parametrize("flavour", ["refused", "lost"])
def test_a_failure_at_every_resource_in_turn_and_reruns_that_converge(world, flavour):
    """Each create fails once. `refused`: nothing was made; `lost`: it was made, and the answer never came."""
    world = world(**UNPROTECTED)
    failures.inject(world.cloud, flavour=flavour)
    if flavour == "lost":
        # The real provider forgets an instance whose answer was lost, and meets its name: a person imports it.
        failures.inject(world.cloud, type_="google_sql_database_instance", flavour="refused")
    world.synth()
    failed = {stack: world.apply(stack) for stack in ("apis", "infra", "services")}
    assert all(failed.values()), f"no failure was injected: {failed}"
    assert world.changes() == []
    failures_met = {type_ for type_, _ in failures.failed(world.cloud)}
    assert {"google_container_cluster", "google_sql_database_instance", "kubernetes_deployment_v1"} <= failures_met
    world.destroy()
    assert world.exists() == set()
