"""Deployed on the simulated cloud and planned again, our stacks change nothing.

Without Terraform (rehearsal/run/direct.py). tests/deploys does the same with it, `make second-plans` with a hundred
random settings.
"""

import json
from pathlib import Path

import rehearsal
from rehearsal.cloud.google import kinds as google
from rehearsal.cloud.google.consistency import delay
from rehearsal.cloud.google.grants import granted_on
from rehearsal.cloud.kubernetes import kinds as kubernetes
from rehearsal.cloud.kubernetes.findings import findings, too_little
from rehearsal.cloud.kubernetes.names import unversioned
from rehearsal.cloud.model import Cloud
from rehearsal.facts import Facts
from rehearsal.run import seed, stacks
from rehearsal.run.direct import Direct
from rehearsal.run.errors import StepFailed
from tests.deploys.second_plans import objects


def deployment_of(platform, folder):
    """Of a platform, in a cloud where everything is that its settings may name."""
    cloud = Cloud(folder / "cloud.sqlite")
    (folder / "objects.json").write_text(json.dumps(objects()), "utf-8")
    seed.seed(cloud, folder / "objects.json")
    return Direct(cloud=cloud, stacks=stacks.read(platform.folder))


def test_nothing_changes(platform, tmp_path):
    deployment = deployment_of(platform, tmp_path)
    deployment.deploy()
    assert deployment.changes() == []
    assert found(deployment.cloud) == []


def found(cloud):
    """What the report says of a deployment, but for what is newer than the rehearsal."""
    said = [*too_little(cloud), *findings(cloud), *cloud.notes()]
    return [each for each in said if "is not known here" not in each]


def test_what_the_providers_decide_in_code_is_written_down_for_every_type(platform):
    hooks = json.loads((Path(rehearsal.__file__).parent / "schemas" / "hooks.json").read_text("utf-8"))
    types = {("data." if each.kind == "data" else "") + each.type for each in platform.elements}
    assert types - hooks.keys() <= {"terraform_data", "data.terraform_remote_state"}


def test_every_kind_has_its_record(platform):
    """Of a grant, what it grants on has one."""
    types = {each.type for each in platform.elements}
    of = {each: unversioned(each) for each in types if each.startswith("kubernetes_")}
    assert [each for each, kind in of.items() if kind not in kubernetes.KINDS] == []
    facts = Facts("google")
    of = {each: granted_on(each) or each for each in types if each.startswith("google_")}
    assert [each for each, type_ in of.items() if google.record(facts, type_) is None] == []


def test_apis_and_accounts_that_are_there_a_little_later(platforms, tmp_path):
    """Each first call comes too early: reruns converge, and then nothing changes."""
    deployment = deployment_of(platforms["minimal"], tmp_path)
    delay(deployment.cloud, "api", 1)
    delay(deployment.cloud, "account", 1)
    runs = 1
    while not went_through(deployment):
        runs += 1
    assert 2 <= runs <= 8
    assert deployment.changes() == []


def went_through(deployment):
    try:
        deployment.deploy()
    except StepFailed as failed:
        if failed.step != "apply":
            raise
        return False
    return True
