"""What synth writes, for preflight and plan."""

from contextlib import contextmanager
from pathlib import Path

import pytest

from metaflow_gcp_tools.platform.manifest import Manifest
from metaflow_gcp_tools.platform.synthesized import synthesized
from metaflow_gcp_tools.problems import WrongUse

ROOT = Path(__file__).parents[3]


@pytest.fixture
def settings(tmp_path):
    file = tmp_path / "my settings.toml"
    file.write_text('org_prefix = "acme"\nproject = "acme-metaflow"\n')
    return file


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch):
    monkeypatch.chdir(ROOT / "stacks")


def test_settings_are_synthesized_into_a_folder_that_goes_away(settings):
    said = []

    @contextmanager
    def doing(what):
        said.append(what)
        yield

    with synthesized(settings=settings, doing=doing) as folder:
        assert said == ["synthesizing the settings, which takes some seconds"]
        assert Manifest.read(folder).project == "acme-metaflow"
        assert (folder / "stacks/infra/cdk.tf.json").exists()
    assert not folder.exists()


def test_a_folder_that_is_there_is_taken_and_stays(tmp_path):
    with synthesized(out=tmp_path) as folder:
        assert folder == tmp_path
    assert tmp_path.exists()


def test_wrong_settings_are_told_as_main_py_tells_them(settings):
    settings.write_text('org_prefix = "acme"\nproject = "NO"\nregoin = "us-west1"\n')
    with pytest.raises(WrongUse, match="regoin") as error, synthesized(settings=settings):
        pass
    assert "project" in str(error.value)


def test_settings_that_are_not_there(tmp_path):
    with pytest.raises(WrongUse, match=r"no settings file .*none\.toml"), synthesized(settings=tmp_path / "none.toml"):
        pass


def test_settings_and_a_folder_exclude_each_other(settings, tmp_path):
    with pytest.raises(WrongUse, match="exclude"), synthesized(settings=settings, out=tmp_path):
        pass


def test_elsewhere_a_folder_must_be_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongUse, match="not in a project") as error, synthesized():
        pass
    assert "--out" in error.value.problems[0].next_step


def test_a_project_that_is_not_set_up(tmp_path, monkeypatch):
    for name in ("cdktf.json", "main.py"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongUse, match="not set up") as error, synthesized():
        pass
    assert "make setup" in error.value.problems[0].next_step


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no"),
        ("{", "not a PlatformManifest: Expecting property name"),
        ("[]", 'not a PlatformManifest: it does not have "kind"'),
        ('{"version": 1}', 'not a PlatformManifest: it does not have "kind"'),
        ('{"kind": "PlatformManifest", "version": 99}', "version 99, but this metaflow-gcp reads version 1"),
        ('{"kind": "PlatformManifest", "version": 1}', "not a complete PlatformManifest: 'project'"),
        ('{"kind": "PlatformDescription", "version": 1}', "is a PlatformDescription, but a PlatformManifest is needed"),
    ],
)
def test_a_manifest_that_is_none(tmp_path, text, message):
    if text is not None:
        (tmp_path / "platform.json").write_text(text)
    with pytest.raises(WrongUse, match=message):
        Manifest.read(tmp_path)
