"""What holds for the command line as a whole."""

import re
import tarfile
import zipfile
from pathlib import Path

import pytest

from build import ProjectBuilder

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "constructs/src/metaflow_gcp/gpu_catalogue.json"


def test_help_lists_what_there_is(run):
    ran = run("--help")
    assert ran.exit_code == 0
    assert "--version" in ran.stdout
    listed = re.findall(r"^│ (\w+)  ", ran.stdout.partition("Commands")[2], re.MULTILINE)
    assert listed == ["preflight", "plan", "configure", "run", "forward", "status", "image"]


@pytest.mark.parametrize("arguments", [("--nonsense",), ("nonsense",)])
def test_wrong_use_is_told_in_one_line_with_the_next_step(run, arguments):
    ran = run(*arguments)
    assert ran.exit_code == 2
    said, next_step = ran.stderr.splitlines()
    assert "nonsense" in said
    assert next_step.strip() == "see `metaflow-gcp --help`"
    assert ran.stdout == ""


@pytest.mark.parametrize("command", [("plan",), ("forward", "status"), ("image", "build")])
def test_a_document_of_wrong_use_names_the_command_as_all_its_documents_do(run, command):
    assert run(*command, "--json", "--nonsense").document["command"] == " ".join(command)


def test_wrong_use_is_told_as_json_to_who_asked_for_json(run):
    ran = run("nonsense", "--json")
    assert ran.exit_code == 2
    assert ran.stderr == ""
    assert ran.document["exit_code"] == 2
    assert "nonsense" in ran.document["problems"][0]["what"]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The source distribution, where the rest of the repository is not."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(ProjectBuilder(ROOT / "tools").build("sdist", folder)) as files:
        # Python 3.11.4 and later know `filter`, and newer ones want it.
        files.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return next(each for each in folder.iterdir() if each.is_dir())


def test_its_wheel_holds_the_catalogue_of_gpus(tmp_path, unpacked):
    """As the library has it: both know the same facts."""
    for source in (ROOT / "tools", unpacked):
        wheel = ProjectBuilder(source).build("wheel", tmp_path)
        with zipfile.ZipFile(wheel) as files:
            assert files.read("metaflow_gcp_tools/gpu_catalogue.json") == CATALOGUE.read_bytes()
