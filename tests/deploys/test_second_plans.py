"""A few of the random settings of `make second-plans`, and that it finds what it is there for."""

import json
import os
import subprocess
import sys

import pytest

from rehearsal.cloud.model import Cloud
from rehearsal.run import seed, stacks
from rehearsal.run.direct import Direct
from rehearsal.run.errors import StepFailed
from stacks.settings import Settings
from tests.deploys.conftest import ROOT
from tests.deploys.random_settings import TEXTS, draw, load, spoil
from tests.deploys.second_plans import refused
from tests.rehearsal.run.test_check import SEEDED, stack, write


def test_a_few_random_settings():
    command = [sys.executable, "-m", "tests.deploys.second_plans", "--count", "2", "--seed", "3"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (
        ran.stdout == "2 of 2 settings: deployed, nothing to change in the second plan, nothing found, nothing left\n"
    ), ran.stderr


def test_the_same_seed_draws_the_same_valid_settings():
    for number in range(10):
        given = draw(number)
        assert given == draw(number)
        load(given)
    assert draw(0) != draw(1)


@pytest.mark.parametrize("number", range(25))
def test_a_wrong_key_is_refused_by_name(number):
    """It alone may be wrong, or what it stands beside, too."""
    given, key = spoil(number)
    said = refused(given)
    assert any(where == key or where.startswith((f"{key}.", f"{key}[")) for where in said), (key, said)


def test_wrong_settings_end_with_2(tmp_path):
    given, key = spoil(0)
    variables = {f"METAFLOW_GCP_{name.upper()}": json.dumps(value) for name, value in given.items()}
    variables |= {"METAFLOW_GCP_ORG_PREFIX": given["org_prefix"], "METAFLOW_GCP_PROJECT": given["project"]}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("METAFLOW_GCP_")}
    environment = clean | variables | {"CDKTF_OUTDIR": str(tmp_path / "out")}
    command = [sys.executable, "main.py"]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (ran.returncode, key in ran.stderr, (tmp_path / "out").exists()) == (2, True, False), ran.stderr


def paths(properties, definitions, before=""):
    for name, each in properties.items():
        yield before + name
        for kind in (each, each.get("additionalProperties")):
            if isinstance(kind, dict) and "$ref" in kind:
                inside = definitions[kind["$ref"].rsplit("/", 1)[-1]]["properties"]
                yield from paths(inside, definitions, f"{before}{name}.{'' if kind is each else '*.'}")


def test_every_text_is_of_a_setting_that_there_is():
    """A setting that was renamed must be renamed here, else it is no longer drawn."""
    schema = Settings.model_json_schema()
    assert TEXTS.keys() <= set(paths(schema["properties"], schema["$defs"]))


@pytest.fixture
def deployed(tmp_path):
    """Two stacks in a cloud with a cluster; the second has what the API server adds something to."""

    def deployed(**limit):
        (tmp_path / "cloud.json").write_text(json.dumps(SEEDED))
        cloud = Cloud(tmp_path / "cloud.sqlite")
        seed.seed(cloud, tmp_path / "cloud.json")
        google = {"google": [{"project": "acme", "region": "us-west1"}]}
        base = stack({"local": {}}, google, output={"bucket": {"value": "${google_storage_bucket.b.name}"}})
        base["resource"] = {"google_storage_bucket": {"b": {"name": "things", "location": "US"}}}
        cluster = "${data.google_container_cluster.c.control_plane_endpoints_config[0].dns_endpoint_config[0].endpoint}"
        access = {"host": f"https://{cluster}", "token": "${data.google_client_config.me.access_token}"}
        top = stack({"local": {}}, google | {"kubernetes": [access]})
        top["data"] = {
            "terraform_remote_state": {"base": {"backend": "local"}},
            "google_client_config": {"me": {}},
            "google_container_cluster": {"c": {"name": "main", "location": "us-west1"}},
        }
        about = {"name": "${data.terraform_remote_state.base.outputs.bucket}", "namespace": "jobs"}
        spec = {"limit": [{"type": "Container", **limit}]}
        top["resource"] = {"kubernetes_limit_range_v1": {"l": {"metadata": about, "spec": spec}}}
        found = stacks.read(write(tmp_path / "out", base=(base, []), top=(top, ["base"])))
        deployment = Direct(cloud=cloud, stacks=found)
        deployment.deploy()
        return deployment

    return deployed


def test_a_permanent_difference_is_found(deployed):
    assert deployed(max={"cpu": 16}).changes() == ["update kubernetes_limit_range_v1.l: spec"]


def test_no_difference(deployed):
    deployment = deployed(max={"cpu": 16}, default={"cpu": "16"}, default_request={"cpu": "1"})
    assert deployment.changes() == []
    deployment.destroy()
    assert deployment.changes() == ["create google_storage_bucket.b", "create kubernetes_limit_range_v1.l"]


def test_what_the_cloud_refuses_is_said_with_its_place(deployed):
    deployment = deployed()
    deployment.cloud.remove(deployment.cloud.all("google_container_cluster")[0].key)
    with pytest.raises(StepFailed, match="no such host") as failed:
        deployment.changes()
    assert (failed.value.stack, failed.value.step) == ("top", "second plan")
