"""main.py with wrong settings: exit 2, every problem, no traceback, nothing written, Node not started."""

import pytest

WRONG = """
org_prefix = "Acme"
project = "acme-metaflow"
regoin = "us-central1"

[database]
tier = "huge"

[gpu_pools.l4]
machine_type = "n1-standard-8"
"""


@pytest.fixture
def run(tmp_path, make_project, start):
    project = make_project(tmp_path / "project")
    # Whoever starts Node finds this one, which tells.
    node = tmp_path / "node"
    node.write_text(f'#!/bin/sh\ntouch "{tmp_path}/started"\nexit 1\n')
    node.chmod(0o755)

    def run(settings, **environment):
        before = {each for each in project.rglob("*") if "__pycache__" not in each.parts}
        process = start(project, settings=settings, JSII_NODE=str(node), PYTHONDONTWRITEBYTECODE="1", **environment)
        out, err = process.communicate(timeout=60)
        after = {each for each in project.rglob("*") if "__pycache__" not in each.parts}
        assert after == before
        assert not (tmp_path / "started").exists()
        return process.returncode, out, err

    return run


def test_all_problems_are_said_at_once(run, tmp_path):
    settings = tmp_path / "wrong.toml"
    settings.write_text(WRONG)
    code, out, err = run(settings)
    assert (code, out) == (2, "")
    for where in ("org_prefix:", "regoin:", "database.tier:", "gpu_pools.l4.gpu_type:"):
        assert f"\n{where}" in err
    assert err.count("    allowed: ") == err.count("    fix: ") == 4
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "project"),  # what is required is missing
        ("org_prefix = ", "is not TOML"),
        (None, "does not exist"),
    ],
)
def test_a_file_that_cannot_be_used_is_said(run, tmp_path, text, said):
    settings = tmp_path / "some.toml"
    if text is not None:
        settings.write_text(text)
    code, out, err = run(settings)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_without_any_settings_it_says_which_two_are_required(run):
    code, out, err = run(None)
    assert (code, out) == (2, "")
    assert "org_prefix" in err
    assert "project" in err
    assert "Traceback" not in err


def test_a_cdk_that_is_none_ends_the_same_way(run, settings_file):
    code, out, err = run(settings_file("minimal"), METAFLOW_GCP_CDK="pulumi")
    assert (code, out) == (2, "")
    assert err == "METAFLOW_GCP_CDK is 'pulumi'. Allowed: cdktf, cdktn. Set it to one of them, or unset it.\n"


def test_properties_that_a_construct_refuses_end_the_same_way(tmp_path, make_project, start, settings_file):
    """What the settings let through by mistake is still no traceback."""
    project = make_project(tmp_path / "project")
    manifest = project / "stacks/manifest.py"
    manifest.write_text(
        manifest.read_text()
        + "\nfrom metaflow_gcp.kubernetes.namespaces import NamespacesProps\nNamespacesProps(services='a', jobs='a')\n"
    )
    process = start(project, settings=settings_file("minimal"))
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert err.startswith("Namespaces: 1 problem(s)\njobs: ")
    assert "Traceback" not in err
