"""What Terraform is given, word for word: `pytest tests/stacks/test_snapshots.py --snapshot-update` accepts a change.

Construct ids, names and output names are a contract: a changed id replaces somebody's database. Each file therefore
starts with the ids; below them construct paths stand for them, and a text of several lines stands as such.

The files are CDKTF's. Where CDK Terrain runs, its few other words are put into CDKTF's first.
"""

import cdktf
import pytest
import yaml
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

STACKS = ("apis", "infra", "services")


# tests/cdktn/test_same_bytes.py says why they differ.
OTHER_WORDS = (
    {"hashicorp/google": "google", "hashicorp/kubernetes": "kubernetes", "3.8.1": "3.7.2"}
    if cdktf.__name__ == "cdktn"
    else {}
)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, _data):
        return True


def _text(dumper, text):
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


class YamlSnapshot(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "yaml"

    def serialize(self, data, **_options):
        return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


@pytest.fixture
def as_before(snapshot):
    return snapshot.use_extension(YamlSnapshot)


@pytest.mark.parametrize(
    ("settings", "name"),
    [(settings, name) for settings in ("minimal", "everything") for name in STACKS] + [("existing-network", "infra")],
)
def test_stack(platforms, settings, name, as_before):
    stack = platforms[settings].readable[name]
    providers = {
        provider: {key: OTHER_WORDS.get(value, value) for key, value in required.items()}
        for provider, required in stack.document["terraform"]["required_providers"].items()
    }
    terraform = {**stack.document["terraform"], "required_providers": providers}
    assert {"ids": stack.ids, **stack.document, "terraform": terraform} == as_before


@pytest.mark.parametrize("name", ["apis", "services"])
def test_an_existing_network_changes_only_infra(platforms, name):
    assert platforms["existing-network"].stacks[name] == platforms["minimal"].stacks[name]


def test_manifest(platform, as_before):
    assert platform.manifest == as_before


def test_there_is_no_further_stack(platform):
    assert set(platform.stacks) == set(STACKS)
