"""What Terraform is given, word for word: `pytest tests/stacks/test_snapshots.py --snapshot-update` accepts a change.

Construct ids, names and output names are a contract: a changed id replaces somebody's database. Each file therefore
starts with the ids; below them construct paths stand for them, and a text of several lines stands as such.
"""

import pytest
import yaml
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

STACKS = ("apis", "infra", "services")


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
    assert {"ids": stack.ids, **stack.document} == as_before


@pytest.mark.parametrize("name", ["apis", "services"])
def test_an_existing_network_changes_only_infra(platforms, name):
    assert platforms["existing-network"].stacks[name] == platforms["minimal"].stacks[name]


def test_manifest(platform, as_before):
    assert platform.manifest == as_before


def test_there_is_no_further_stack(platform):
    assert set(platform.stacks) == set(STACKS)
