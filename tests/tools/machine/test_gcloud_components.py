"""What to run for kubectl and its plugin, for each way in which gcloud gets onto a machine."""

import json
import shutil

import pytest

from metaflow_gcp_tools.machine import gcloud_components
from tests.tools.commands.preflight.cloud import write_program

PLUGIN = "gke-gcloud-auth-plugin"
PACKAGE = "google-cloud-cli-gke-gcloud-auth-plugin"


@pytest.fixture
def sdk(tmp_path, monkeypatch):
    """An installation of gcloud, reached by a link from the PATH, as packages make one."""
    root = tmp_path / "lib/google-cloud-sdk"
    for folder in (tmp_path / "bin", root / "bin", root / ".install", root / "lib/googlecloudsdk/core"):
        folder.mkdir(parents=True)
    write_program(root / "bin/gcloud", "exit 0")
    (tmp_path / "bin/gcloud").symlink_to(root / "bin/gcloud")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return root


def packaged(sdk, command):
    """As gcloud 528.0.0 has it."""
    (sdk / ".install/command_mapping.yaml").write_text(
        f"update: sudo {command} install {{package}}\nremove: sudo {command} remove {{package}}\n"
        f"update-all: sudo {command} update {{package}}\n"
    )
    (sdk / ".install/component_mapping.yaml").write_text(
        f"core: google-cloud-cli\n{PLUGIN}: {PACKAGE}\nkubectl: kubectl\n"
    )


def test_from_the_archive_its_own_component_manager(sdk):
    assert gcloud_components.install("kubectl", PLUGIN) == f"run `gcloud components install kubectl {PLUGIN}`"
    assert gcloud_components.update(PLUGIN) == "run `gcloud components update`"


@pytest.mark.parametrize("command", ["apt-get", "yum"])
def test_from_a_package_what_gcloud_itself_would_say(sdk, command):
    packaged(sdk, command)
    assert gcloud_components.install("kubectl", PLUGIN) == f"run `sudo {command} install kubectl {PACKAGE}`"
    assert gcloud_components.update(PLUGIN) == f"run `sudo {command} update {PACKAGE}`"


def test_from_a_package_that_does_not_say_which(sdk):
    """Such as a distribution's own."""
    (sdk / "lib/googlecloudsdk/core/config.json").write_text(json.dumps({"disable_updater": True}))
    said = gcloud_components.install(PLUGIN)
    assert said == f"run `sudo apt-get install {PACKAGE}` or `sudo dnf install {PACKAGE}`"


def test_from_snap_there_is_no_package_of_the_plugin(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: "/snap/bin/gcloud")
    said = gcloud_components.install("kubectl", PLUGIN)
    assert "sudo snap install kubectl --classic" in said
    assert "a gcloud from snap has no components" in said
    assert PACKAGE in said


def test_without_gcloud(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert "https://cloud.google.com/sdk/docs/install" in gcloud_components.install(PLUGIN)
    assert f"gcloud components install {PLUGIN}" in gcloud_components.install(PLUGIN)
