"""The programs on this machine."""

import pytest

from metaflow_gcp_tools.commands.preflight import local_tools
from tests.tools.commands.preflight.cloud import write_program


def test_each_tells_its_version(checks):
    found = checks()
    assert {name: check["says"] for name, check in found.items() if check["topic"] == "tools"} == {
        "tools: terraform": "1.13.3",
        "tools: gcloud": "545.0.0",
        "tools: kubectl": "1.34.1",
        "tools: gke-gcloud-auth-plugin": "1.30.0",
    }


@pytest.mark.parametrize(
    ("tool", "state", "next_step"),
    [
        ("terraform", "FAIL", "https://developer.hashicorp.com/terraform/install"),
        ("gcloud", "WARN", "https://cloud.google.com/sdk/docs/install"),
        ("kubectl", "WARN", "gcloud components install kubectl"),
        ("gke-gcloud-auth-plugin", "WARN", "gcloud components install gke-gcloud-auth-plugin"),
    ],
)
def test_one_that_is_missing(checks, tools, tool, state, next_step):
    (tools / tool).unlink()
    check = checks()[f"tools: {tool}"]
    assert check["state"] == state
    assert next_step in check["next_step"]


@pytest.mark.parametrize(
    ("version", "state"), [("1.10.5", "FAIL"), ("1.11.0", "PASS"), ("1.11.0-rc1", "PASS"), ("0.15.0", "FAIL")]
)
def test_terraform_must_be_new_enough(checks, tools, version, state):
    write_program(tools / "terraform", f"""echo '{{"terraform_version": "{version}"}}'""")
    assert checks()["tools: terraform"]["state"] == state


def test_one_that_fails(checks, tools):
    write_program(tools / "kubectl", "echo broken >&2; exit 3")
    check = checks()["tools: kubectl"]
    assert check["state"] == "WARN"
    assert check["says"].endswith("exited with code 3: broken")


@pytest.mark.parametrize("said", ["", "nonsense", "[]", '{"terraform_version": null}'])
def test_one_that_tells_no_version(checks, tools, said):
    write_program(tools / "terraform", f"echo '{said}'")
    assert checks()["tools: terraform"]["state"] == "UNKNOWN"


def test_one_that_does_not_end(checks, tools, monkeypatch):
    monkeypatch.setattr(local_tools, "TIMEOUT_SECONDS", 0.5)
    write_program(tools / "gcloud", "exec /bin/sleep 60")
    check = checks()["tools: gcloud"]
    assert check["state"] == "UNKNOWN"
    assert check["says"].startswith("no response from")
    assert "within 0.5 s" in check["says"]
