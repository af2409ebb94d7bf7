"""The same settings give the same bytes: in any folder, with any bindings."""

import filecmp

import pytest

# Of the files that synth writes, those that Terraform and the tools read.
READ = ["manifest.json", "platform.json", *(f"stacks/{stack}/cdk.tf.json" for stack in ("apis", "infra", "services"))]


def assert_same(one, other):
    _, different, missing = filecmp.cmpfiles(one, other, READ, shallow=False)
    assert (different, missing) == ([], [])


def test_in_another_folder_with_a_space_in_its_name(project, tmp_path, make_project, start, settings_file):
    elsewhere = make_project(tmp_path / "another folder" / "of the app")
    run = start(elsewhere, settings=settings_file("minimal"))
    assert (*run.communicate(timeout=300), run.returncode) == ("", "", 0)
    assert_same(project / "minimal", elsewhere / "cdktf.out")


@pytest.mark.long
def test_with_stock_bindings(project, tmp_path, start, settings_file):
    """A stock synth takes a quarter of a minute: once, with the settings that make the most."""
    eager = project / f"eager-{tmp_path.name}"
    run = start(project, settings=settings_file("everything"), CDKTF_OUTDIR=eager.name, METAFLOW_GCP_EAGER_BINDINGS="1")
    assert (*run.communicate(timeout=600), run.returncode) == ("", "", 0)
    assert_same(project / "everything", eager)
