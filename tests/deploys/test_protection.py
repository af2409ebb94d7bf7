"""`cdktf destroy` while deletion_protection is on: refused as a whole, with the setting's name."""

import pytest

from rehearsal.run.cdktf import Cdktf, path
from rehearsal.run.errors import StepFailed
from tests.deploys.conftest import ROOT, STACKS


def test_destroy_is_refused_says_which_setting_and_loses_nothing(world):
    world = world()
    world.deploy()
    before = world.exists()
    states = {stack: world.terraform(stack).resources() for stack in STACKS}
    cdktf = Cdktf(
        project=ROOT,
        output=world.outdir,
        log=world.folder / "cdktf.log",
        environment=world.environment() | {"PATH": path(), "CI": "1"},
    )
    with pytest.raises(StepFailed, match="set_deletion_protection_to_false_and_deploy_before_you_destroy"):
        cdktf.run("destroy", list(STACKS), lambda *_: None)
    assert world.exists() == before
    assert {stack: world.terraform(stack).resources() for stack in STACKS} == states
    # No stack of the three lets itself be destroyed alone, either.
    for stack in STACKS:
        with pytest.raises(StepFailed, match="set_deletion_protection_to_false"):
            world.terraform(stack).destroy()
    assert world.exists() == before
    # And the message can be followed.
    world.deploy(METAFLOW_GCP_DELETION_PROTECTION="false")
    assert world.changes() == []
    world.destroy()
    assert world.exists() == set()
