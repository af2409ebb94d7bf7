"""On packages that only look like the two CDKs, in processes that see no others."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import metaflow_gcp

BINDINGS = {"cdktf": "cdktf_cdktf_provider_some", "cdktn": "cdktn_provider_some"}
BOTH = ("cdktf", "cdktn")
WHICH = "import cdktf; print(cdktf.__name__)"


@pytest.fixture
def run(tmp_path):
    """Run a program where only these CDKs are installed; returns its last line, which may be an error's."""
    (tmp_path / "needed").mkdir()
    (tmp_path / "needed/lazy_loader").symlink_to(Path(find_spec("lazy_loader").origin).parent)

    def make(cdk):
        for name in (cdk, BINDINGS[cdk]):
            folder = tmp_path / cdk / name
            (folder / "_jsii").mkdir(parents=True)
            (folder / "_jsii/__init__.py").touch()
            (folder / "__init__.py").write_text("LOADED = True\n")
        (folder / "thing").mkdir()
        (folder / "thing/__init__.py").write_text("def other():\n    from ..other import NAME\n    return NAME\n")
        (folder / "other.py").write_text("NAME = __name__\n")
        return tmp_path / cdk

    def run(program, *installed, before="", **environment):
        folders = [*map(make, installed), tmp_path / "needed", Path(metaflow_gcp.__file__).parents[1]]
        done = subprocess.run(
            # Without the site's packages, among which is a CDK.
            [sys.executable, "-S", "-W", "error", "-c", f"{before}\nimport metaflow_gcp\n{program}"],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(map(str, folders)), **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return (done.stdout + done.stderr).strip().splitlines()[-1]

    return run


@pytest.mark.parametrize(
    ("installed", "settings", "runs"),
    [
        (["cdktf"], {}, "cdktf"),
        (["cdktn"], {}, "cdktn"),
        (BOTH, {}, "cdktf"),
        (BOTH, {"METAFLOW_GCP_CDK": ""}, "cdktf"),
        (BOTH, {"METAFLOW_GCP_CDK": "cdktf"}, "cdktf"),
        (BOTH, {"METAFLOW_GCP_CDK": "cdktn"}, "cdktn"),
        (["cdktn"], {"METAFLOW_GCP_EAGER_BINDINGS": "1"}, "cdktn"),
        (BOTH, {"before": "import cdktn"}, "cdktn"),
        (BOTH, {"before": "import cdktf"}, "cdktf"),
        (BOTH, {"before": "import cdktn", "METAFLOW_GCP_CDK": "cdktn"}, "cdktn"),
    ],
)
def test_which_one_runs(run, installed, settings, runs):
    assert run(WHICH, *installed, **settings) == runs


WRONG = "metaflow_gcp._bindings.cdk.WrongCdk: "
NEITHER = "Neither cdktf nor cdktn is installed, and constructs need one of them."
FOR = "pip install 'metaflow-gcp-constructs[{}]'"


@pytest.mark.parametrize(
    ("installed", "settings", "said"),
    [
        (
            [],
            {},
            f"{NEITHER} Run {FOR.format('cdktf')} or {FOR.format('cdktn')}.",
        ),
        (
            ["cdktf"],
            {"METAFLOW_GCP_CDK": "cdktn"},
            f"METAFLOW_GCP_CDK is 'cdktn', which is not installed. Run {FOR.format('cdktn')}, or unset it.",
        ),
        (
            BOTH,
            {"METAFLOW_GCP_CDK": "CDKTN"},
            "METAFLOW_GCP_CDK is 'CDKTN'. Allowed: cdktf, cdktn. Set it to one of them, or unset it.",
        ),
        (
            BOTH,
            {"METAFLOW_GCP_CDK": "cdktn", "before": "import cdktf"},
            "METAFLOW_GCP_CDK is 'cdktn', but cdktf is imported already. Import metaflow_gcp first.",
        ),
    ],
)
def test_what_cannot_run_is_said_at_the_first_construct(run, installed, settings, said):
    """Whichever comes first of a CDK's packages; until then nothing needs one."""
    program = "import metaflow_gcp.names\nimport cdktf_cdktf_provider_some.thing"
    assert run(program, *installed, **settings) == WRONG + said


@pytest.mark.parametrize("environment", [{}, {"METAFLOW_GCP_EAGER_BINDINGS": "1"}])
def test_modules_are_the_same_objects_under_both_names(run, environment):
    """With the spec that they were imported by: Python resolves relative imports by it."""
    program = """
import cdktf, cdktf_cdktf_provider_some.thing as thing
from cdktf_cdktf_provider_some import other
import cdktn, cdktn_provider_some
assert cdktf is cdktn
assert thing is cdktn_provider_some.thing and other is cdktn_provider_some.other
assert [each.__spec__.name for each in (cdktf, thing, other)] == [each.__name__ for each in (cdktn, thing, other)]
print(thing.other())
"""
    assert run(program, "cdktn", **environment) == "cdktn_provider_some.other"


def test_bindings_are_lazy_under_both_names(run):
    program = "import cdktf_cdktf_provider_some as some; print(some.__name__, hasattr(some, 'LOADED'))"
    assert run(program, "cdktn") == "cdktn_provider_some False"


def test_bindings_that_are_missing_are_named_as_they_are_installed(run):
    program = "import cdktf_cdktf_provider_none"
    assert run(program, "cdktn") == "ModuleNotFoundError: No module named 'cdktn_provider_none'"


def test_twice_is_as_good_as_once(run):
    program = """
import sys
from metaflow_gcp._bindings import cdk
before = list(sys.meta_path)
cdk.install()
print(before == sys.meta_path)
"""
    assert run(program, "cdktn") == "True"
