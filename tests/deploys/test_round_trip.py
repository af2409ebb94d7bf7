"""Deploy, plan again, destroy, for the settings that `make rehearse` does not cover."""

import json
import re

import pytest

from metaflow_gcp_tools.clock import graph
from rehearsal.run import seed
from rehearsal.run.errors import StepFailed
from scripts.planning import planned
from tests.deploys.conftest import SETTINGS, STACKS
from tests.deploys.second_plans import objects

pytestmark = pytest.mark.long

UNPROTECTED = {"METAFLOW_GCP_DELETION_PROTECTION": "false"}

NETWORK = {
    "projects": {"acme-network-host": {"apis": ["compute.googleapis.com"]}},
    "objects": [
        {"type": "google_compute_network", "attributes": {"project": "acme-network-host", "name": "shared"}},
        {
            "type": "google_compute_subnetwork",
            "attributes": {
                "project": "acme-network-host",
                "region": "us-west1",
                "name": "metaflow",
                "network": "https://www.googleapis.com/compute/v1/projects/acme-network-host/global/networks/shared",
                "ip_cidr_range": "10.0.0.0/20",
                "private_ip_google_access": True,
                "secondary_ip_range": [
                    {"range_name": "metaflow-pods", "ip_cidr_range": "10.4.0.0/14"},
                    {"range_name": "metaflow-services", "ip_cidr_range": "10.8.0.0/20"},
                ],
            },
        },
    ],
}


def seeded(world, folder, objects):
    """Puts there what others have made; returns what exists then."""
    file = folder / "cloud.json"
    file.write_text(json.dumps(objects))
    seed.seed(world.cloud, file)
    return world.exists()


def test_everything_switched_on(world, tmp_path):
    """All but the state's bucket, which only Google has."""
    settings = re.sub(r"\[backend\].*?\n\n", "", (SETTINGS / "everything.toml").read_text("utf-8"), flags=re.DOTALL)
    (tmp_path / "everything.toml").write_text(settings, "utf-8")
    world = world(METAFLOW_GCP_SETTINGS=str(tmp_path / "everything.toml"), **UNPROTECTED)
    before = seeded(world, tmp_path, objects())
    world.deploy()
    assert world.changes() == []
    for stack in STACKS:
        assert_graph_is_terraforms(world, stack)
    world.destroy()
    assert world.exists() == before


def assert_graph_is_terraforms(world, stack):
    """What the clock reads of a configuration: the same that Terraform wrote down when it created the resources."""
    configuration = json.loads((world.outdir / "stacks" / stack / "cdk.tf.json").read_text("utf-8"))
    ours = graph.read(configuration)
    for each in world.terraform(stack).state()["resources"]:
        if each["mode"] == "managed":
            [instance] = each["instances"]
            theirs = {other for other in instance.get("dependencies", ()) if not other.startswith("data.")}
            address = f"{each['type']}.{each['name']}"
            assert graph.reachable(ours, address) == theirs, address


def test_in_a_network_that_is_there_already_and_protected(world, tmp_path, monkeypatch):
    """While deletion_protection is on no stack lets itself be destroyed, and nothing is lost.

    README.md's `make destroy`, and how to go on, are in test_readme.py.
    """
    world = world("existing-network")
    before = seeded(world, tmp_path, NETWORK)
    world.deploy()
    assert world.changes() == []

    there = world.exists()
    states = {stack: world.terraform(stack).resources() for stack in STACKS}
    for stack in STACKS:
        with pytest.raises(StepFailed, match="set_deletion_protection_to_false_and_deploy_before_you_destroy"):
            world.terraform(stack).destroy()
    assert world.exists() == there
    assert {stack: world.terraform(stack).resources() for stack in STACKS} == states

    # What `make deploy` asks about: deployed flows go with Argo.
    world.synth(METAFLOW_GCP_ARGO__ENABLED="false")
    services = world.terraform("services")
    for name, value in (services.environment | services.attached.variables).items():
        monkeypatch.setenv(name, value)
    changes = planned(services.folder).changes
    assert {each.name for each in changes.of_effect("data")} == {"argo-workflows", "argo-events", "metaflow-events"}
    assert all(each.kind.takes_flows for each in changes.of_effect("data"))
    assert world.exists() == there

    world.deploy(**UNPROTECTED)
    assert world.changes() == []
    world.destroy()
    assert world.exists() == before
