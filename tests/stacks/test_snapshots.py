"""What Terraform is given, word for word: `pytest tests/stacks/test_snapshots.py --snapshot-update` accepts a change.

Construct ids, names and output names are a contract: a changed id replaces somebody's database.
"""

import pytest
from syrupy.extensions.json import JSONSnapshotExtension


@pytest.fixture
def as_before(snapshot):
    return snapshot.use_extension(JSONSnapshotExtension)


@pytest.mark.parametrize("name", ["apis", "infra", "services"])
def test_stack(platform, name, as_before):
    assert platform.stacks[name] == as_before


def test_manifest(platform, as_before):
    assert platform.manifest == as_before


def test_there_is_no_further_stack(platform):
    assert set(platform.stacks) == {"apis", "infra", "services"}
