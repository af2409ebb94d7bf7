"""A deployment that breaks is run again, and again, until it is done: nothing has to be mended by hand."""

import pytest

from rehearsal.cloud import failures
from rehearsal.run import stacks

UNPROTECTED = {"METAFLOW_GCP_DELETION_PROTECTION": "false"}


@pytest.mark.long
def test_a_failure_at_every_resource_in_turn_and_reruns_that_converge(world):
    """Each create fails once, type by type in turn: `refused`, nothing was made, or `lost`, the answer never came.

    What becomes of a type either way, the rehearsal's own tests say (tests/rehearsal/run/test_terraform.py).
    """
    world = world(**UNPROTECTED)
    world.synth()
    types = sorted(
        {type_ for stack in stacks.read(world.outdir) for type_ in stack.configuration().get("resource", {})}
    )
    for flavour, every_other in (("refused", types[::2]), ("lost", types[1::2])):
        for type_ in every_other:
            failures.inject(world.cloud, type_=type_, flavour=flavour)
    # The real provider forgets an instance whose answer was lost, and meets its name: a person imports it.
    failures.inject(world.cloud, type_="google_sql_database_instance", flavour="refused")
    failed = {stack: world.apply(stack) for stack in ("apis", "infra", "services")}
    assert all(failed.values()), f"no failure was injected: {failed}"
    assert world.changes() == []
    failures_met = {type_ for type_, _ in failures.failed(world.cloud)}
    assert {"google_container_cluster", "google_sql_database_instance", "kubernetes_deployment_v1"} <= failures_met
    world.destroy()
    assert world.exists() == set()
