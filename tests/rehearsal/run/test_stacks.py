"""What a folder laid out like cdktf.out holds."""

import pytest

from rehearsal.run import stacks
from rehearsal.run.errors import WrongUse
from tests.rehearsal.run.test_check import write


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("{", "is not what CDKTF writes"),
        ('{"stacks": []}', "is not what CDKTF writes"),
        ('{"stacks": {"a": {}}}', "is not what CDKTF writes"),
    ],
)
def test_a_manifest_that_is_none(tmp_path, manifest, message):
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(WrongUse, match=message):
        stacks.read(tmp_path)


@pytest.mark.parametrize(("dependencies", "message"), [(["b"], "a stack depends on b"), (["a"], "in a circle")])
def test_dependencies_that_cannot_be(tmp_path, dependencies, message):
    with pytest.raises(WrongUse, match=message):
        stacks.read(write(tmp_path, a=({}, dependencies)))


def test_stacks_come_after_what_they_depend_on(tmp_path):
    folder = write(tmp_path, a=({}, ["c"]), b=({}, ["a"]), c=({}, []))
    assert [each.name for each in stacks.read(folder)] == ["c", "a", "b"]
