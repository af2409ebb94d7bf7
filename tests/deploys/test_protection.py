"""Destroying while deletion_protection is on. README.md's `make destroy`, and how to go on, are in test_readme.py."""

import pytest

from rehearsal.run.errors import StepFailed
from tests.deploys.conftest import STACKS


@pytest.mark.long
def test_no_stack_lets_itself_be_destroyed_and_nothing_is_lost(world):
    world = world()
    world.deploy()
    before = world.exists()
    states = {stack: world.terraform(stack).resources() for stack in STACKS}
    for stack in STACKS:
        with pytest.raises(StepFailed, match="set_deletion_protection_to_false_and_deploy_before_you_destroy"):
            world.terraform(stack).destroy()
    assert world.exists() == before
    assert {stack: world.terraform(stack).resources() for stack in STACKS} == states
