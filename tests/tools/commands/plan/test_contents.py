"""What a deployment consists of, costs at rest and grows to: `plan` without --changes."""

import json
import re

import pytest

from metaflow_gcp_tools.commands.plan import kinds
from metaflow_gcp_tools.commands.plan.contents import Stacks, creates, scales, takes
from metaflow_gcp_tools.platform.manifest import Manifest
from tests.stacks.conftest import NAMES

SETTINGS = sorted(NAMES)


@pytest.fixture
def stacks_of(platforms):
    """As synth writes them for these settings."""
    return lambda settings: Stacks.read(platforms[settings].folder)


@pytest.fixture(params=SETTINGS)
def stacks(request, stacks_of) -> Stacks:
    return stacks_of(request.param)


def test_every_resource_type_is_classified(stacks):
    """What it means that one is destroyed: whoever adds a type says so in kinds.py."""
    types = {type_ for each in stacks.configurations.values() for type_ in each.get("resource", {})}
    assert types
    assert types <= kinds.KINDS.keys()


def test_every_helm_release_is_classified(stacks):
    releases = [kinds.of("helm_release", release) for release in stacks.of_type("helm_release")]
    assert releases
    assert not [kind for kind in releases if "does not know" in kind.lost]


def test_no_type_is_classified_that_nobody_uses(stacks_of):
    types = {
        type_
        for settings in SETTINGS
        for each in stacks_of(settings).configurations.values()
        for type_ in each.get("resource", {})
    }
    # Where the endpoint has no domain: tests/deploys/test_switched.py.
    assert kinds.KINDS.keys() == types | {"google_endpoints_service"}


def test_how_long_it_takes(stacks):
    """The database and the cluster beside each other, and what comes before and after."""
    time = takes(stacks)
    assert 12 * 60 < time.deploy < 30 * 60
    assert 5 * 60 < time.destroy < 15 * 60


def test_a_circle_is_terraforms_to_tell():
    circle = {"random_id": {"a": {"prefix": "${random_id.b.hex}"}, "b": {"prefix": "${random_id.a.hex}"}}}
    assert takes(Stacks({"infra": {"resource": circle}})) is None


@pytest.mark.parametrize("kind", [*kinds.KINDS.values(), *kinds._RELEASES.values()], ids=lambda kind: kind.one)
def test_a_kind_says_what_is_lost_and_how_to_have_it_back(kind):
    assert bool(kind.back) == (kind.effect == "data")
    # What a Helm release is depends on its chart.
    assert bool(kind.lost) == (kind.effect != "harmless") or kind is kinds.KINDS["helm_release"]


def test_all_resources_are_counted_and_no_data_source_and_no_guard(stacks):
    counted = sum(each.count for each in creates(stacks))
    assert counted == sum(
        len(resources)
        for configuration in stacks.configurations.values()
        for type_, resources in configuration.get("resource", {}).items()
        if type_ != "terraform_data"
    )


def test_by_stack_and_kind(stacks_of):
    found = {(each.stack, each.name): each.count for each in creates(stacks_of("minimal"))}
    assert found["apis", "enabled APIs"] == 13
    assert found["infra", "bucket"] == 1
    assert found["infra", "node pools"] == 3
    assert found["services", "Helm releases"] == 6


def test_what_scales_is_what_the_manifest_says(stacks, platforms, request):
    """The pools of the manifest come from the settings; these from what Terraform is given."""
    manifest = platforms[request.node.callspec.params["stacks"]].manifest
    found = {
        re.sub("^pool ", "", each.what.partition(":")[0]): (each.at_least, each.at_most)
        for each in scales(stacks)
        if each.unit == "nodes"
    }
    assert found == {pool["name"]: (pool["min_nodes"], pool["max_nodes"]) for pool in manifest["pools"]}


def test_what_scales_says_what_nodes_have(stacks_of):
    lines = [each.what for each in scales(stacks_of("everything"))]
    assert "pool l4-spot: g2-standard-24, 2 x nvidia-l4, spot" in lines
    assert "pool h100-flex: a3-highgpu-8g, 8 x nvidia-h100-80gb, flex-start" in lines


def test_bounds_of_auto_provisioning(stacks_of):
    found = {each.unit: each.at_most for each in scales(stacks_of("minimal")) if each.what.startswith("auto")}
    assert found == {"CPUs": 178, "GB of memory": 712, "GPUs nvidia-l4": 5}


def test_the_program_shows_it_for_people(run, real_plans):
    ran = run("plan", "--out", str(real_plans.out))
    assert (ran.exit_code, ran.stderr) == (0, "")
    for said in (
        "What a deployment creates",
        "What you pay for while no task runs",
        "What grows with the tasks",
        "Quotas that it needs",
        "NVIDIA_L4_GPUS",
    ):
        assert said in ran.stdout
    assert re.search(r"node pools +3\b", ran.stdout)


def test_the_program_shows_it_as_json(run, real_plans):
    result = run("plan", "--out", str(real_plans.out), "--json").document["result"]
    deployment = result["deployment"]
    assert result["changes"] == []
    assert (deployment["project"], deployment["environment"]) == ("acme-metaflow", "default")
    assert {"stack": "infra", "type": "google_storage_bucket", "name": "bucket", "count": 1} in deployment["creates"]
    assert {"what", "unit", "at_least", "at_most"} == deployment["scales"][0].keys()
    manifest = Manifest.read(real_plans.out)
    assert [quota["metric"] for quota in deployment["quotas"]] == [quota.metric for quota in manifest.quotas]


def test_changes_and_contents_together(run, real_plans):
    ran = run("plan", "--out", str(real_plans.out), "--changes", str(real_plans.no_gpus), "--json")
    assert ran.exit_code == 0
    assert ran.document["result"]["changes"]
    assert ran.document["result"]["deployment"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "there is no .*platform.json"),
        ({"platform.json": None}, "there are no stacks"),
        ({"platform.json": None, "stacks/infra/cdk.tf.json": "{"}, "cannot be read"),
    ],
)
def test_a_folder_that_synth_did_not_write(run, tmp_path, platforms, files, said):
    out = tmp_path / "out"
    out.mkdir()
    for name, text in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text or (platforms["minimal"].folder / "platform.json").read_text())
    ran = run("plan", "--out", str(out))
    assert ran.exit_code == 2
    what, next_step = ran.stderr.splitlines()
    assert re.search(said, what)
    assert "make synth" in next_step


def test_the_rehearsal_counts_the_same(real_plans):
    """What Terraform's state holds of a stack after it is deployed, with deletion protection off and so no guard."""
    manifest_and_stacks = Stacks.read(real_plans.out)
    counted = sum(each.count for each in creates(manifest_and_stacks) if each.stack == "infra")
    planned = json.loads(real_plans.region.read_text("utf-8"))["resource_changes"]
    assert counted == len([each for each in planned if each["mode"] == "managed"])


def test_it_says_what_it_does_and_what_it_counts(run, platforms, stacks_of):
    out = str(platforms["minimal"].folder)
    ran = run("plan", "--out", out)
    total = sum(each.count for each in creates(stacks_of("minimal")))
    assert f"What a deployment creates: {total} resources" in ran.stdout
    assert "Terraform itself counts one more in each stack while deletion_protection is true" in ran.stdout
    assert ran.stderr == ""
    assert run("plan", "--out", out, "--json").document["result"]["deployment"]["resources"] == total
