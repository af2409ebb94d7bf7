"""Python's side: in processes of its own, for what is imported here is imported already. Node's: test_lazy_node.py."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import metaflow_gcp

LIBRARY = Path(metaflow_gcp.__file__).parent / "_bindings"
EAGER = "cdktf_cdktf_provider_eager"
NO_JSII = "cdktf_cdktf_provider_plain"
OF_CDKTN = "cdktn_provider_eager"
OTHER = "somebody_elses_bindings"


@pytest.fixture
def packages(tmp_path):
    """Packages as jsii makes them: the `__init__` loads everything."""
    for name, made_by_jsii in ((EAGER, True), (OF_CDKTN, True), (NO_JSII, False), (OTHER, True)):
        (tmp_path / name / "thing").mkdir(parents=True)
        (tmp_path / name / "__init__.py").write_text("LOADED = True\nfrom . import thing\n")
        (tmp_path / name / "thing/__init__.py").write_text("NAME = 'thing'\n")
        if made_by_jsii:
            (tmp_path / name / "_jsii").mkdir()
            (tmp_path / name / "_jsii/__init__.py").write_text("")
    # So that CDKTF's names are CDKTF's, whichever CDK these tests run with.
    (tmp_path / "cdktf").mkdir()
    (tmp_path / "cdktf/__init__.py").touch()
    return tmp_path


def run(program, *paths, **environment):
    # The library itself, too: what is tested is the one that the other tests import.
    found = os.pathsep.join(map(str, (*paths, LIBRARY.parent)))
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": found, **environment}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_library_imports_neither_cdktf_nor_jsii_nor_constructs():
    program = "import metaflow_gcp, sys; print([name for name in sys.modules if name.startswith(%r)])"
    assert run(program % (("cdktf", "cdktn", "jsii", "constructs"),)) == "[]"


def test_taking_one_name_loads_one_module_and_a_name_that_is_not_there_is_an_attribute_error():
    program = """
import metaflow_gcp, sys
assert metaflow_gcp.Quota(metric="CPUS", region=None, at_start=0, at_maximum=1).metric == "CPUS"
assert sorted(name for name in sys.modules if name.startswith("metaflow_gcp.")) == [
    "metaflow_gcp._bindings", "metaflow_gcp._bindings.cdk", "metaflow_gcp._bindings.lazy_bindings",
    "metaflow_gcp.google", "metaflow_gcp.google.requirements"]
try:
    metaflow_gcp.Nothing
except AttributeError as error:
    print(error)
"""
    assert run(program) == "No metaflow_gcp attribute Nothing"


def test_every_name_of_the_library_is_there():
    for name in dir(metaflow_gcp):
        assert getattr(metaflow_gcp, name) is not None


@pytest.mark.parametrize("package", [EAGER, OF_CDKTN])
def test_a_bindings_package_is_there_without_its_init_having_run(packages, package):
    program = f"""
import metaflow_gcp, {package} as package, sys
assert package.__name__ == package.__spec__.name == "{package}"
assert package.__file__.endswith("__init__.py")
assert not hasattr(package, "LOADED")
print([name for name in sys.modules if name.startswith("{package}")])
"""
    assert run(program, packages) == f"['{package}']"


@pytest.mark.parametrize(
    "statement",
    [
        f"import {EAGER}; thing = {EAGER}.thing",
        f"from {EAGER} import thing",
        f"import {EAGER}.thing as thing",
        f"from {EAGER}.thing import NAME; import sys; thing = sys.modules['{EAGER}.thing']",
    ],
)
def test_submodules_are_found_in_every_way_python_knows(packages, statement):
    assert run(f"import metaflow_gcp\n{statement}\nprint(thing.NAME)", packages) == "thing"


def test_what_is_not_there_fails_as_in_any_package(packages):
    program = f"""
import metaflow_gcp, {EAGER} as package
assert not hasattr(package, "nothing") and not hasattr(package, "__all__")
try:
    package.nothing
except AttributeError as error:
    print(error)
try:
    from {EAGER} import nothing
except ImportError as error:
    print(type(error).__name__)
"""
    assert run(program, packages).splitlines() == [f"module '{EAGER}' has no attribute 'nothing'", "ImportError"]


@pytest.mark.parametrize("package", [NO_JSII, OTHER])
def test_what_is_no_bindings_package_of_jsii_is_left_alone(packages, package):
    assert run(f"import metaflow_gcp, {package}; print({package}.LOADED)", packages) == "True"


def test_a_package_that_is_imported_already_is_left_alone(packages):
    program = f"import {EAGER} as before, metaflow_gcp, {EAGER} as after; print(before is after, after.LOADED)"
    assert run(program, packages) == "True True"


def test_switched_off_it_does_nothing(packages):
    program = f"""
import os, sys
finders = list(sys.meta_path)
import metaflow_gcp, {EAGER}
added = [type(finder).__module__ for finder in sys.meta_path if finder not in finders]
print({EAGER}.LOADED, added == ["metaflow_gcp._bindings.cdk"], os.environ.get("NODE_OPTIONS"))
"""
    assert run(program, packages, METAFLOW_GCP_EAGER_BINDINGS="1") == "True True None"


def test_the_user_s_options_of_node_come_first_and_stay():
    options = run(
        "import metaflow_gcp, os; print(os.environ['NODE_OPTIONS'])",
        NODE_OPTIONS="--max-old-space-size=300 --max-semi-space-size=16",
    )
    assert options == f'--max-old-space-size=300 --max-semi-space-size=16 --require "{LIBRARY}/lazy_bindings.cjs"'


STRANGE = 'a folder, "quoted" and \\ slashed'


@pytest.mark.parametrize("folder", ["plain", "with a space", STRANGE])
def test_twice_is_as_good_as_once_wherever_the_library_lies(tmp_path, folder):
    place = tmp_path / folder
    place.mkdir()
    for name in ("lazy_bindings.py", "lazy_bindings.cjs"):
        shutil.copy(LIBRARY / name, place)
    program = """
import os, sys, lazy_bindings
lazy_bindings.install()
once = os.environ["NODE_OPTIONS"], list(sys.meta_path)
lazy_bindings.install()
print(once == (os.environ["NODE_OPTIONS"], sys.meta_path))
print(once[0])
"""
    same, options = run(program, place).splitlines()
    assert same == "True"
    done = subprocess.run(
        [os.environ["JSII_NODE"], "-p", "require('node:module')._resolveFilename.name"],
        env={"NODE_OPTIONS": options},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")  # Node's own function has a name
