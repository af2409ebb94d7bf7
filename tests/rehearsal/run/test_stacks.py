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


def test_a_folder_without_a_manifest_is_one_stack(tmp_path):
    """Also the copy that is deployed, with a state of its own."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "main.tf.json").write_text('{"terraform": {"backend": {"gcs": {"bucket": "states"}}}}')
    [stack] = stacks.read(folder)
    assert (stack.name, stack.folder) == ("main", folder)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    [copied] = stacks.copy(folder, scratch)
    assert copied.name == "main"
    assert copied.configuration()["terraform"]["backend"] == {"local": {"path": str(scratch / "states/main.tfstate")}}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"cdktf.out/manifest.json": "{}"}, "holds no manifest.json: give .*/app/cdktf.out"),
        ({"../manifest.json": "{}", "cdk.tf.json": "{}"}, "it is one stack of several. Give "),
        ({"cdktf.json": "{}"}, "a CDKTF project that is not synthesized. Run `cdktf synth` there"),
        ({"main.tf": ""}, "the rehearsal reads no HCL"),
        ({"main.tf": "", "more.tf.json": "{}"}, "the rehearsal reads no HCL"),
        ({"a.tf.json": "{}", "b.tf.json": "{}"}, "all of a stack must be in one file of JSON"),
        ({"main.tf.json": "{"}, "main.tf.json cannot be read as JSON"),
        ({"notes.txt": ""}, r"give a folder laid out like cdktf.out \(`cdktf synth` writes it\)"),
    ],
)
def test_another_folder_and_the_one_that_was_meant(tmp_path, files, message):
    folder = tmp_path / "app"
    folder.mkdir()
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    with pytest.raises(WrongUse, match=message):
        stacks.read(folder)
