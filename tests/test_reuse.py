"""Another repository takes the library's wheel, and deploys what `examples/reuse` says.

The wheel goes into a virtual environment of its own, with its dependencies from the package index: nothing of
this project can be seen from there, so a file that is missing in the wheel is missing in the test.
"""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import cdktf
import pytest

PROJECT = Path(__file__).parent.parent
EXAMPLE = PROJECT / "examples" / "reuse"
# The one that the tests run with.
CDK = cdktf.__name__
# Of several that the extra allows, those that the rehearsal simulates.
PROVIDERS = [name + version for name, version in tomllib.loads((PROJECT / "Pipfile").read_text()).get(CDK, {}).items()]
RESOURCES = {
    "google_container_node_pool": 1,
    "kubernetes_config_map_v1": 1,
    "kubernetes_deployment_v1": 1,
    "kubernetes_network_policy_v1": 1,
    "kubernetes_secret_v1": 1,
    "kubernetes_service_account_v1": 1,
    "kubernetes_service_v1": 1,
}


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example, synthesized, and the environment it was synthesized in (`venv`)."""
    folder = tmp_path_factory.mktemp("another repository")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder / "dist")]
    _run([*build, str(PROJECT / "constructs")])
    (wheel,) = (folder / "dist").glob("*.whl")
    uv = str(Path(sys.executable).with_name("uv"))
    _run([uv, "venv", "--python", sys.executable, str(folder / "venv")])
    _run([uv, "pip", "install", "--python", str(folder / "venv/bin/python"), f"{wheel}[{CDK}]", *PROVIDERS])
    shutil.copytree(EXAMPLE, folder / "app", ignore=shutil.ignore_patterns("cdktf.out"))
    _in(folder, "main.py")
    return folder


def test_the_library_is_the_wheels(elsewhere: Path) -> None:
    found = _in(elsewhere, "-c", "import metaflow_gcp; print(metaflow_gcp.__file__)")
    assert Path(found.strip()).is_relative_to(elsewhere / "venv")


def test_the_wheel_is_typed_and_complete(elsewhere: Path) -> None:
    (installed,) = (elsewhere / "venv").glob("lib/python*/site-packages/metaflow_gcp")
    source = PROJECT / "constructs" / "src" / "metaflow_gcp"
    assert {file.name for file in installed.iterdir()} - {"__pycache__"} == {file.name for file in source.iterdir()} - {
        "__pycache__"
    }
    assert (installed / "py.typed").is_file()


def test_its_bindings_are_lazy(elsewhere: Path) -> None:
    loaded = _in(
        elsewhere,
        "-c",
        "import sys; from metaflow_gcp import GpuNodePool\n"
        "print(sum('_provider_google.' in name for name in sys.modules))",
    )
    assert 0 < int(loaded) < 10


def test_the_example_deploys_beside_what_is_there(elsewhere: Path) -> None:
    report = elsewhere / "report.json"
    cloud = ["--cloud", str(EXAMPLE / "cloud.json"), "--report", str(report)]
    _run([sys.executable, "-m", "rehearsal", "check", str(elsewhere / "app" / "cdktf.out"), *cloud], cwd=PROJECT)
    found = json.loads(report.read_text())
    metaflow = found["stacks"]["metaflow"]
    assert Counter(address.split(".")[0] for address in metaflow["resources"]) == RESOURCES
    assert metaflow["second_plan"] == []
    assert found["left"] == []
    assert found["findings"] == []


def test_without_the_seed_it_does_not_deploy(elsewhere: Path) -> None:
    """So that the test above proves something: the cluster is looked up, not assumed."""
    check = [sys.executable, "-m", "rehearsal", "check", str(elsewhere / "app" / "cdktf.out")]
    ended = subprocess.run(check, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "google_container_cluster" in ended.stdout


def test_the_password_is_a_reference(elsewhere: Path) -> None:
    synthesized = _synthesized(elsewhere)
    (password,) = (
        each["attributes"]["secret_data"]
        for each in json.loads((EXAMPLE / "cloud.json").read_text())["objects"]
        if "secret_data" in each["attributes"]
    )
    assert password not in json.dumps(synthesized)
    secrets = synthesized["resource"]["kubernetes_secret_v1"].values()
    references = [value for secret in secrets for value in secret["data"].values()]
    assert references == ["${data.google_secret_manager_secret_version.database-password.secret_data}"]


def test_nothing_that_exists_is_managed(elsewhere: Path) -> None:
    synthesized = _synthesized(elsewhere)
    assert set(synthesized["resource"]) == set(RESOURCES)
    provider = synthesized["provider"]["kubernetes"][0]
    assert "dns_endpoint_config" in provider["host"]
    assert provider["token"] == "${data.google_client_config.caller.access_token}"
    assert str(PROJECT) not in json.dumps(synthesized)


def _synthesized(elsewhere: Path) -> Any:
    return json.loads((elsewhere / "app" / "cdktf.out" / "stacks" / "metaflow" / "cdk.tf.json").read_text())


def _in(elsewhere: Path, *arguments: str) -> str:
    """Python of the other repository, in its app's folder, with nothing of ours but Node."""
    ours = ("PYTHON", "VIRTUAL_ENV", "NODE_OPTIONS", "METAFLOW_GCP_", "CDKTF_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return _run([str(elsewhere / "venv/bin/python"), *arguments], cwd=elsewhere / "app", env=env)


def _run(command: list[str], cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    ended = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{' '.join(command)}\n{ended.stdout}{ended.stderr}"
    return ended.stdout
