"""A deployment that breaks is run again, and again, until it is done."""

import pytest

from rehearsal.faults.fault import Fault
from rehearsal.faults.healing import Cure
from rehearsal.faults.outcomes import outcome
from rehearsal.faults.store import inject, met
from rehearsal.run import stacks
from rehearsal.run.converge import converge
from rehearsal.run.errors import StepFailed
from rehearsal.run.report import Report
from tests.deploys.conftest import STACKS

AFTER = {
    "google_compute_network",
    "google_container_cluster",
    "google_container_node_pool",
    "google_project_service",
    "google_sql_user",
    "helm_release",
    "kubernetes_deployment_v1",
    "kubernetes_service_v1",
}
"""Types whose answer is lost after the cloud has acted: one or two of each outcome."""
UNPROTECTED = {"METAFLOW_GCP_DELETION_PROTECTION": "false"}


def applied(world, stack: str, report: Report) -> None:
    """Until it goes well, with the commands that it takes in between."""
    terraform = world.terraform(stack)
    terraform.init()

    def apply() -> None:
        run = terraform.stream("apply", "-auto-approve")
        if run.code:
            raise StepFailed("apply", "\n".join(run.errors), stack)

    def heal(_: str, cure: Cure) -> None:
        terraform.command(*cure.arguments)

    converge(apply, report=report, cloud=world.cloud, folders={stack: terraform.folder}, heal=heal)


@pytest.mark.long
def test_a_failure_at_every_resource_in_turn_and_reruns_that_converge(world):
    """Each create fails once: before anything is made, or after it, and the answer never came.

    `make faults` does so one by one, and at every update and deletion.
    """
    world = world(**UNPROTECTED)
    world.synth()
    types = sorted(
        {type_ for stack in stacks.read(world.outdir) for type_ in stack.configuration().get("resource", {})}
    )
    for type_ in types:
        if not type_.startswith("random_"):
            inject(world.cloud, Fault(address=f"{type_}.*", when="after" if type_ in AFTER else "before"))
    report = Report(command="test")
    for stack in STACKS:
        applied(world, stack, report)
    assert {each.stack for each in report.broken} == set(STACKS)
    said = "\n".join(each.message for each in report.broken)
    faults = met(world.cloud)
    assert [
        address for fault, address, _ in faults if address not in said and outcome(fault.type, {}) != "noticed"
    ] == []
    assert {"google_container_cluster", "google_sql_database_instance", "kubernetes_deployment_v1"} <= {
        fault.type for fault, _, _ in faults
    }
    assert world.changes() == []
    world.destroy()
    assert world.exists() == set()
