"""What holds for the command line as a whole."""

import errno
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from build import ProjectBuilder
from metaflow_gcp_tools import cli
from metaflow_gcp_tools.problems import first_line, last_line
from tests.tools.conftest import PROGRAM

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "constructs/src/metaflow_gcp/google/gke"


def test_help_lists_what_there_is(run):
    ran = run("--help")
    assert ran.exit_code == 0
    assert "--version" in ran.stdout
    listed = re.findall(r"^│ (\w+)  ", ran.stdout.partition("Commands")[2], re.MULTILINE)
    assert listed == ["init", "preflight", "plan", "configure", "run", "env", "forward", "status", "logs", "image"]


def test_version_is_an_option_and_a_command_as_people_expect(capsys):
    assert [cli._run([word]) for word in ("--version", "version")] == [0, 0]
    first, second = capsys.readouterr().out.splitlines()
    assert first == second == f"metaflow-gcp {metadata.version('metaflow-gcp')}"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/tmp/x"), "/tmp/x cannot be read or written: No space left"),
        (PermissionError(errno.EACCES, "Permission denied", b"/x"), "/x cannot be read or written: Permission denied"),
        (
            FileNotFoundError(errno.ENOENT, "No usable temporary directory"),
            "a file or a pipe cannot be read or written",
        ),
    ],
)
def test_a_full_disk_or_a_folder_without_rights_is_one_clear_line(monkeypatch, capsys, tmp_path, error, said):
    def full(*_: object, **_more: object) -> str:
        raise error

    (tmp_path / "main.py").touch()
    (tmp_path / "cdktf.json").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.mkdtemp", full)
    assert cli._run(["plan"]) == 1
    line, next_step = capsys.readouterr().err.splitlines()
    assert line.startswith(f"metaflow-gcp: {said}")
    assert "TMPDIR" in next_step


def test_what_cannot_be_written_to_stdout_is_told():
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        ended = subprocess.run([PROGRAM, "help"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 1
    assert "No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_ctrl_c_says_which_command_had_not_finished(monkeypatch, capsys):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("metaflow_gcp_tools.commands.plan.terraform_plan.read", interrupted)
    assert cli._run(["plan", "--changes", "x", "--json"]) == 130
    assert json.loads(capsys.readouterr().out)["problems"] == [
        {"what": "interrupted: `metaflow-gcp plan` had not finished", "next_step": "run it again"}
    ]


def test_a_command_says_what_was_interrupted_and_what_is_left(monkeypatch, capsys, tmp_path):
    def interrupted(*_: object, **_more: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "main.py").touch()
    (tmp_path / "cdktf.json").touch()
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("subprocess.run", interrupted)
    assert cli._run(["plan"]) == 130
    assert capsys.readouterr().err.splitlines() == [
        "synthesizing the settings, which takes some seconds ...",
        "metaflow-gcp: interrupted while synthesizing the settings",
        "  nothing was changed",
    ]


def test_libraries_do_not_speak_for_themselves():
    """Python shows a library's warning on stderr when nobody listens."""
    script = (
        "import logging; from metaflow_gcp_tools import cli; cli._run(['version']); logging.warning('by a library')"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stderr == ""


@pytest.mark.parametrize(
    "said",
    [
        "E1125 13:46:27.123456   12345 memcache.go:265] couldn't get current server API group list",
        "F1125 13:46:27.123456 12345 main.go:25] couldn't get current server API group list",
        "couldn't get current server API group list",
    ],
)
def test_what_a_program_says_loses_its_log_s_prefix(said):
    assert last_line(f"x\n{said}\n") == first_line(f"{said}\nx") == "couldn't get current server API group list"


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


def test_its_wheel_holds_the_tables_of_machines(tmp_path, unpacked):
    """As the library has it: both know the same facts."""
    for source in (ROOT / "tools", unpacked):
        wheel = ProjectBuilder(source).build("wheel", tmp_path)
        with zipfile.ZipFile(wheel) as files:
            for table in ("gpu_catalogue.json", "machine_families.json"):
                assert files.read(f"metaflow_gcp_tools/platform/{table}") == (TABLES / table).read_bytes()
            assert "metaflow_gcp_tools/prices/prices.json" in files.namelist()
