"""Deployed on the simulated cloud and planned again, our stacks change nothing.

Without Terraform (rehearsal/run/direct.py). tests/deploys does the same with it, `make second-plans` with a hundred
random settings.
"""

import json

from rehearsal.cloud.model import Cloud
from rehearsal.run import seed, stacks
from rehearsal.run.direct import Direct
from tests.deploys.second_plans import objects


def second_plan(platform, folder):
    cloud = Cloud(folder / "cloud.sqlite")
    (folder / "objects.json").write_text(json.dumps(objects()), "utf-8")
    seed.seed(cloud, folder / "objects.json")
    deployment = Direct(cloud=cloud, stacks=stacks.read(platform.folder))
    deployment.deploy()
    return deployment.changes()


def test_nothing_changes(platform, tmp_path):
    assert second_plan(platform, tmp_path) == []
