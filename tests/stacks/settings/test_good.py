"""Settings that are right, and what is derived from them."""

import json
import re
import runpy
import subprocess
import sys
import tomllib
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import jsonschema
import pytest
from pydantic import BaseModel, ValidationError

from stacks.settings import Settings, load_settings
from stacks.settings.loading import keys, sources

HERE = Path(__file__).parent
PROJECT = HERE.parents[2]
FILES = [*sorted(HERE.glob("*.toml")), PROJECT / "config" / "example.toml"]
SCHEMA = PROJECT / "config" / "settings.schema.json"


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def file(request, monkeypatch):
    monkeypatch.setenv(sources.FILE_VARIABLE, str(request.param))
    return request.param


def test_the_file_loads_and_satisfies_the_schema(file):
    load_settings()
    jsonschema.validate(tomllib.loads(file.read_text("utf-8")), json.loads(SCHEMA.read_text("utf-8")))


def test_the_schema_is_what_the_settings_say():
    fresh = runpy.run_path(str(PROJECT / "scripts" / "settings_schema.py"))["text"]()
    assert SCHEMA.read_text("utf-8") == fresh, "stale: run python scripts/settings_schema.py"


def test_every_key_is_described():
    schema = json.loads(SCHEMA.read_text("utf-8"))
    for model in (schema, *schema["$defs"].values()):
        for name, key in model["properties"].items():
            described = key.get("description") or schema["$defs"][key["$ref"].split("/")[-1]].get("description")
            assert described, f"{model['title']}.{name}"


def test_the_example_is_what_the_settings_say():
    fresh = runpy.run_path(str(PROJECT / "scripts" / "settings_example.py"))["text"]()
    assert FILES[-1].read_text("utf-8") == fresh, "stale: run python scripts/settings_example.py"


def test_the_example_has_every_key_with_its_default(load, monkeypatch):
    default = load('org_prefix = "acme"\nproject = "acme-metaflow"')
    example = PROJECT / "config" / "example.toml"
    monkeypatch.setenv(sources.FILE_VARIABLE, str(example))
    assert load_settings() == default
    text = example.read_text("utf-8")
    # Keys without a default stand behind a #, entries of lists in a comment.
    all_keys = re.sub(r"^# ([a-z_]+ = .*|\[[a-z._]+\])$", r"\1", text, flags=re.MULTILINE)
    missing = set(keys.paths(Settings)) - set(_paths(tomllib.loads(all_keys)))
    assert {path for path in missing if path.split(".")[-2] not in {"taints", "secondary_boot_disks"}} == set()
    assert all(f"{path.split('.')[-1]} = " in text for path in missing)


def test_everything_toml_uses_every_key():
    given = tomllib.loads((HERE / "everything.toml").read_text("utf-8"))
    given["network"] |= tomllib.loads((HERE / "existing-network.toml").read_text("utf-8"))["network"]
    given["backend"]["directory"] = "the other type's"
    assert set(keys.paths(Settings)) - set(_paths(given)) == set()


def _paths(table, around=""):
    for name, value in table.items():
        path = f"{around}{name}"
        yield path
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict) and path in {"task_pools", "gpu_pools"}:
                for pool in inner.values():
                    yield from _paths(pool, f"{path}.<name>.")
            elif isinstance(inner, dict):
                yield from _paths(inner, f"{path}.")


def test_defaults_are_those_of_the_design(load):
    settings = load("")
    assert settings.environment == "default"
    assert settings.region == "us-west1"
    assert settings.zones == ("us-west1-a", "us-west1-b", "us-west1-c")
    assert settings.deletion_protection
    assert settings.backend.type == "local"
    assert settings.cluster.authorized_networks == {}
    assert list(settings.task_pools) == ["cpu"]
    assert settings.gpu_pools["l4"].machine_type == "g2-standard-12"
    assert (settings.gpu_pools["l4"].min_nodes, settings.gpu_pools["l4"].max_nodes) == (0, 5)
    assert settings.storage_location == "us-west1"


@pytest.mark.parametrize(
    ("region", "letters"), [("us-east1", "bcd"), ("europe-west1", "bcd"), ("europe-west4", "abc"), ("me-west1", "abc")]
)
def test_zones_follow_from_the_region(load, region, letters):
    assert load(f'region = "{region}"').zones == tuple(f"{region}-{letter}" for letter in letters)


def test_zones_that_google_opens_later_are_accepted_with_their_region(load):
    new = 'new_zones = ["us-west9-a", "us-west9-b", "us-west9-c", "us-west1-d"]\n'
    assert load(f'{new}region = "us-west9"\n[storage]\nlocation = "us-west9"').zones[0] == "us-west9-a"
    assert load(f'{new}zones = ["us-west1-d"]').zones == ("us-west1-d",)


def test_an_ai_zone_is_a_zone_and_nobody_s_default(load):
    assert load('region = "us-central1"').zones == ("us-central1-a", "us-central1-b", "us-central1-c")
    assert load('region = "us-central1"\nzones = ["us-central1-ai1a"]').zones == ("us-central1-ai1a",)


def test_the_list_of_zones_is_dated_and_says_where_it_was_read():
    listed = json.loads((PROJECT / "stacks/settings/regions.json").read_text("utf-8"))
    assert date.fromisoformat(listed["read"])
    assert all(each.startswith("https://docs.cloud.google.com/") for each in listed["sources"])
    assert all(
        re.fullmatch(r"[a-z]+-[a-z]+\d+", region) and len(ends) >= 3 for region, ends in listed["regions"].items()
    )


def test_pools_can_be_switched_off_and_replaced(load):
    settings = load("gpu_pools = {}\n[task_pools.big]\nmachine_type = 'n2-standard-32'")
    assert settings.gpu_pools == {}
    assert list(settings.task_pools) == ["big"]


def test_nodes_are_counted_with_upgrades_and_auto_provisioning(load):
    # 3 + 10 + 5 of the pools, one more each while it is upgraded, and 32 vCPUs in nodes of 2.
    assert load("").max_nodes == 37
    assert load("[cluster.auto_provisioning]\nenabled = false").max_nodes == 21


def test_settings_cannot_be_changed(load):
    settings = load("")
    for section, key in ((settings, "region"), (settings.backend, "type"), (settings.database, "tier")):
        with pytest.raises((ValidationError, FrozenInstanceError)):
            setattr(section, key, "other")


def test_every_table_is_frozen():
    tables = {Settings, *keys.tables(Settings)}
    assert len(tables) > 15
    for table in tables:
        assert table.model_config["frozen"] if issubclass(table, BaseModel) else table.__dataclass_params__.frozen


def test_loading_starts_no_node():
    code = (
        "import sys; from stacks.settings import load_settings; load_settings();"
        "print(sorted({'cdktf', 'jsii', 'constructs'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={"METAFLOW_GCP_SETTINGS": str(HERE / "minimal.toml")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "[]"
