"""`--request` files what is too small, once."""

import os
import pty
import subprocess

import pytest

from tests.tools.commands.preflight.cloud import PROJECT
from tests.tools.conftest import PROGRAM
from tests.tools.stand_in_google import Refusal

CREATE = "cloudquotas.projects.locations.quotaPreferences.create"
PATCH = "cloudquotas.projects.locations.quotaPreferences.patch"
L4 = "NVIDIA-L4-GPUS-per-project-region"


@pytest.fixture
def cloud(cloud):
    """A fresh project: no GPUs."""
    cloud.quotas["us-west1"]["NVIDIA_L4_GPUS"] = 0
    cloud.quotas_of_all_regions["GPUS_ALL_REGIONS"] = 0
    cloud.quota_info(L4, ({}, "0"))
    cloud.quota_info("GPUS-ALL-REGIONS-per-project", ({}, "0"))
    return cloud


@pytest.fixture
def requests(preflight):
    """Run it with `--request --json`; what became of each quota."""

    def run(*arguments):
        ran = preflight("--request", "--yes", "--json", *arguments)
        filed = ran.document["result"]["requests"]
        assert ran.exit_code == (1 if {"failed", "impossible"} & {each["outcome"] for each in filed} else 0)
        return {each["quota_id"]: each for each in ran.document["result"]["requests"]}

    return run


def test_what_is_short_is_filed(cloud, requests):
    cloud.in_use["NVIDIA_L4_GPUS"] = 2
    found = requests()
    assert {quota: each["outcome"] for quota, each in found.items()} == {
        "GPUS-ALL-REGIONS-per-project": "filed",
        L4: "filed",
    }
    assert "ada@example.com" in found[L4]["says"]
    filed = {call.body["quotaId"]: call for call in cloud.google.calls_of(CREATE)}
    assert filed[L4].parameters["parent"] == f"projects/{PROJECT}/locations/global"
    assert filed[L4].body == {
        "service": "compute.googleapis.com",
        "quotaId": L4,
        "dimensions": {"region": "us-west1"},
        "quotaConfig": {"preferredValue": "7"},
        "contactEmail": "ada@example.com",
        "justification": "Node pools of a Metaflow platform on GKE, environment default, at their maximum.",
    }
    assert filed["GPUS-ALL-REGIONS-per-project"].body["dimensions"] == {}


def test_the_contact_can_be_somebody_else(cloud, requests):
    requests("--contact", "grace@example.com")
    assert {call.body["contactEmail"] for call in cloud.google.calls_of(CREATE)} == {"grace@example.com"}


def test_it_is_not_filed_twice(cloud, requests):
    requests()
    assert {each["outcome"] for each in requests().values()} == {"pending"}
    assert len(cloud.google.calls_of(CREATE)) == 2


def test_all_pages_of_what_was_filed_are_read(cloud, requests):
    requests()
    filed = list(cloud.preferences)
    cloud.google.answer(
        "cloudquotas.projects.locations.quotaPreferences.list",
        lambda call: {"quotaPreferences": filed} if "pageToken" in call.parameters else {"nextPageToken": "more"},
    )
    assert {each["outcome"] for each in requests().values()} == {"pending"}


def test_it_is_not_filed_again_when_google_granted_less(cloud, requests):
    requests()
    for preference in cloud.preferences:
        preference["reconciling"] = False
        preference["quotaConfig"] |= {"grantedValue": "0", "stateDetail": "Quota request denied"}
    found = requests()[L4]
    assert found["outcome"] == "answered"
    assert "granted 0. Quota request denied" in found["says"]
    assert len(cloud.google.calls_of(CREATE)) == 2


def test_an_older_request_for_less_is_raised(cloud, requests):
    name = f"projects/{PROJECT}/locations/global/quotaPreferences/by-hand"
    cloud.preferences = [
        {
            "name": "elsewhere",
            "service": "compute.googleapis.com",
            "quotaId": L4,
            "dimensions": {"region": "us-east4"},
            "quotaConfig": {"preferredValue": "64"},
        },
        {
            "name": name,
            "service": "compute.googleapis.com",
            "quotaId": L4,
            "dimensions": {"region": "us-west1"},
            "quotaConfig": {"preferredValue": "1", "grantedValue": "1"},
        },
    ]
    assert requests()[L4]["outcome"] == "filed"
    (patched,) = cloud.google.calls_of(PATCH)
    assert (patched.parameters["name"], patched.body["quotaConfig"]) == (name, {"preferredValue": "5"})
    assert [call.body["quotaId"] for call in cloud.google.calls_of(CREATE)] == ["GPUS-ALL-REGIONS-per-project"]


def test_gpus_that_are_counted_by_family_are_filed_by_family(cloud, requests, out):
    text = (out / "platform.json").read_text()
    (out / "platform.json").write_text(text.replace("NVIDIA_L4_GPUS", "NVIDIA_H100_GPUS"))
    cloud.quota_info("GPUS-PER-GPU-FAMILY-per-project-region", ({"gpu_family": "NVIDIA_H100"}, "0"))
    assert requests()["GPUS-PER-GPU-FAMILY-per-project-region"]["outcome"] == "filed"
    call = cloud.google.calls_of(CREATE)[-1]
    assert call.body["dimensions"] == {"region": "us-west1", "gpu_family": "NVIDIA_H100"}
    assert call.parameters["quotaPreferenceId"] == "gpus-per-gpu-family-nvidia-h100-us-west1"


def test_what_google_takes_no_request_for(cloud, requests):
    cloud.quota_info(L4, ({}, "0"), eligible=False)
    found = requests()[L4]
    assert (found["outcome"], found["says"]) == (
        "impossible",
        "Google does not accept requests for it: NO_VALID_BILLING_ACCOUNT",
    )


def test_it_is_filed_when_google_does_not_say_whether_it_takes_it(cloud, requests):
    del cloud.quota_infos[L4]["quotaIncreaseEligibility"]
    assert requests()[L4]["outcome"] == "filed"


def test_what_cloud_quotas_does_not_know(cloud, requests):
    del cloud.quota_infos[L4]
    assert requests()[L4]["outcome"] == "impossible"


def test_one_that_fails_is_told_and_not_tried_again(cloud, requests):
    cloud.google.answer(CREATE, Refusal(503, "unavailable"))
    found = requests()
    assert {each["outcome"] for each in found.values()} == {"failed"}
    assert "returned 503: unavailable" in found[L4]["says"]
    assert len(cloud.google.calls_of(CREATE)) == 2


def test_nothing_is_filed_when_older_requests_cannot_be_read(cloud, preflight):
    cloud.google.answer("cloudquotas.projects.locations.quotaPreferences.list", Refusal(403, "no rights"))
    ran = preflight("--request", "--yes", "--json")
    assert "no increase was filed: cloudquotas.googleapis.com returned 403: no rights" in ran.stdout
    assert cloud.google.calls_of(CREATE) == []


def test_nothing_is_filed_without_a_contact(cloud, preflight):
    del cloud.token["email"]
    ran = preflight("--request", "--yes", "--json")
    assert "add --contact EMAIL" in ran.stdout
    assert cloud.google.calls_of(CREATE) == []


def test_nothing_to_file(cloud, preflight):
    cloud.quotas["us-west1"]["NVIDIA_L4_GPUS"] = 5
    cloud.quotas_of_all_regions["GPUS_ALL_REGIONS"] = 5
    ran = preflight("--request", "--yes")
    assert ran.exit_code == 0
    assert ran.stdout.splitlines()[-1] == "No quota is too small: nothing to file."


@pytest.mark.parametrize(("answer", "filed"), [("y", 2), ("n", 0)])
def test_on_a_terminal_it_asks_first(cloud, out, tools, environment, answer, filed):
    with cloud.google.serving() as endpoints:
        said = on_a_terminal(
            [PROGRAM, "preflight", "--out", out, "--request"], {**environment, **endpoints, "PATH": str(tools)}, answer
        )
    assert "NVIDIA_L4_GPUS in us-west1: 5" in said
    assert "File 2 requests, with ada@example.com as the contact? [y/N]:" in said
    assert len(cloud.google.calls_of(CREATE)) == filed


def on_a_terminal(command, environment, answer):
    """What is said there; the answer is typed when it is asked for."""
    ours, its = pty.openpty()
    said = ""
    with subprocess.Popen(command, env=environment, stdin=its, stdout=its, stderr=its) as process:
        os.close(its)
        try:
            while read := os.read(ours, 4096):
                said += read.decode(errors="replace")
                if said.endswith("[y/N]: "):
                    os.write(ours, f"{answer}\n".encode())
        except OSError:
            pass  # Linux says so that the other side has closed.
        os.close(ours)
        process.wait(timeout=30)
    return said


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_without_credentials_nobody_says_that_no_quota_is_too_small(preflight, monkeypatch, arguments):
    monkeypatch.delenv("GOOGLE_OAUTH_ACCESS_TOKEN")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    ran = preflight("--request", "--yes", *arguments)
    said = ran.stdout + ran.stderr
    assert ran.exit_code == 1
    assert "No quota is too small" not in said
    assert "6 of 6 quotas could not be read, so no increase was filed for them: CPUS in us-west1, " in said


def test_what_was_read_is_filed_and_what_was_not_is_named(cloud, preflight):
    cloud.google.answer("compute.projects.get", Refusal(503, "later", "backendError"))
    ran = preflight("--request", "--yes", "--json")
    assert ran.exit_code == 1
    assert [each["quota_id"] for each in ran.document["result"]["requests"]] == [L4]
    (problem,) = [each for each in ran.document["problems"] if "could not be read" in each["what"]]
    assert problem["what"].startswith("2 of 6 quotas could not be read")
    assert "CPUS_ALL_REGIONS in all regions, GPUS_ALL_REGIONS in all regions" in problem["what"]
