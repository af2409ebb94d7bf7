"""How Terraform finds our providers."""

import platform

import pytest

from rehearsal.run import mirror


@pytest.mark.parametrize(
    ("system", "machine", "expected"),
    [("Linux", "x86_64", "linux_amd64"), ("Darwin", "arm64", "darwin_arm64"), ("Linux", "aarch64", "linux_arm64")],
)
def test_terraforms_name_of_a_platform(monkeypatch, system, machine, expected):
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert mirror.target() == expected


def test_the_users_own_terraform_settings_are_left_out(monkeypatch, tmp_path):
    monkeypatch.setenv("TF_CLI_ARGS_plan", "-destroy")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "key.json")
    environment = mirror.environment(tmp_path / "terraform.rc", tmp_path / "cloud")
    assert not {"TF_CLI_ARGS_plan", "GOOGLE_APPLICATION_CREDENTIALS", "TF_PLUGIN_CACHE_DIR"} & environment.keys()
    assert environment["CDKTF_DISABLE_PLUGIN_CACHE_ENV"]
