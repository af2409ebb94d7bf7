"""Preflight against a project in one state or another."""

import pytest

from tests.tools.commands.preflight.cloud import PROJECT, synthesized
from tests.tools.stand_in_google import Refusal


def states(checks, state):
    """The names of those in a state, and of those that are told with them."""
    return {name for own, check in checks.items() if check["state"] == state for name in (own, *check["also"])}


COMPUTE = 11
"""Checks of machines and quotas with the minimal settings: Compute Engine tells all of them."""


def assert_one_cause(checks, says):
    """All that Compute Engine does not tell is told as one."""
    (check,) = [each for each in checks.values() if each["state"] == "UNKNOWN"]
    assert check["says"] == says
    assert len(states(checks, "UNKNOWN")) == COMPUTE
    assert not [name for name in checks if name.startswith("quotas:")]
    return check


def test_a_project_with_enough(cloud, checks):
    found = checks()
    assert not [call for call in cloud.google.calls if call.method.startswith("cloudquotas")]
    assert states(found, "PASS") == set(found)
    assert found["credentials: account"]["says"].startswith("ada@example.com")
    assert {name.partition(":")[0] for name in found} == {
        "tools",
        "network",
        "credentials",
        "project",
        "rights",
        "apis",
        "machines",
        "quotas",
    }


def test_a_fresh_project_without_quota_for_gpus(cloud, checks, preflight):
    cloud.quotas_of_all_regions["GPUS_ALL_REGIONS"] = 0
    for region in cloud.quotas.values():
        region["NVIDIA_L4_GPUS"] = 0
    found = checks()
    assert states(found, "WARN") == {"quotas: GPUS_ALL_REGIONS in all regions", "quotas: NVIDIA_L4_GPUS in us-west1"}
    assert states(found, "FAIL") == set()
    check = found["quotas: NVIDIA_L4_GPUS in us-west1"]
    assert (check["need"], check["limit"], check["in_use"]) == ({"at_start": 0, "at_maximum": 5}, 0, 0)
    assert "the pool l4 cannot start a node" in check["says"]
    assert "request 5" in check["next_step"]
    assert f"https://console.cloud.google.com/iam-admin/quotas?project={PROJECT}" in check["next_step"]
    assert not check["blocks"]
    ran = preflight()
    assert ran.exit_code == 0
    assert ran.stdout.splitlines()[-1] == (
        "Ready to deploy, with 2 warnings (quotas: GPUS_ALL_REGIONS in all regions; "
        "quotas: NVIDIA_L4_GPUS in us-west1). Run `make deploy`."
    )


def test_quota_that_the_deployment_needs_at_once(cloud, checks, preflight):
    cloud.quotas["us-west1"]["CPUS"] = 8
    cloud.in_use["CPUS"] = 3
    check = checks()["quotas: CPUS in us-west1"]
    assert (check["state"], check["blocks"]) == ("FAIL", True)
    assert (check["need"]["at_start"], check["limit"], check["in_use"]) == (6, 8, 3)
    assert "request 181" in check["next_step"]
    said = preflight().stdout.splitlines()[-1]
    assert said == "Not ready: 1 of 34 checks blocks the deployment (quotas: CPUS in us-west1). Fix it, then retry."


def test_what_is_in_use_counts(cloud, checks):
    cloud.quotas["us-west1"]["NVIDIA_L4_GPUS"] = 6
    assert checks()["quotas: NVIDIA_L4_GPUS in us-west1"]["state"] == "PASS"
    cloud.in_use["NVIDIA_L4_GPUS"] = 3
    check = checks()["quotas: NVIDIA_L4_GPUS in us-west1"]
    assert check["state"] == "WARN"
    assert "the pool l4 can grow to 3 of 5 nodes only" in check["says"]


def test_where_it_would_fit_now(cloud, checks):
    cloud.quotas["us-west1"] |= {"NVIDIA_L4_GPUS": 0, "NVIDIA_T4_GPUS": 8, "NVIDIA_A100_GPUS": 4}
    cloud.quotas["us-east4"]["NVIDIA_L4_GPUS"] = 4
    cloud.not_in["nvidia-l4"] = {f"us-central1-{zone}" for zone in "abcf"}
    cloud.not_in["nvidia-a100-80gb"] = {"us-west1-a", "us-west1-b", "us-west1-c"}
    check = checks()["quotas: NVIDIA_L4_GPUS in us-west1"]
    assert check["fits"] == {"regions": ["europe-west4"], "gpu_types": ["nvidia-tesla-t4"]}
    assert "available now: in europe-west4; here with nvidia-tesla-t4" in check["says"]


@pytest.fixture
def everything(tmp_path):
    """Eight pools, with GPUs on demand, spot and flex-start, in us-central1."""
    return ("--out", str(synthesized(tmp_path / "everything", "everything")))


def test_spot_pools_would_fit_as_spot(cloud, checks, everything):
    cloud.quotas["us-central1"] = {
        "PREEMPTIBLE_NVIDIA_L4_GPUS": 9,
        "PREEMPTIBLE_NVIDIA_T4_GPUS": 10,
        "NVIDIA_A100_GPUS": 10,
    }
    found = checks(*everything)
    check = found["quotas: PREEMPTIBLE_NVIDIA_L4_GPUS in us-central1"]
    assert "the pool l4-spot can grow to 4 of 5 nodes only" in check["says"]
    assert check["fits"] == {"regions": ["us-east4", "us-west1", "europe-west4"], "gpu_types": ["nvidia-tesla-t4"]}
    assert found["quotas: A2_CPUS in us-central1"]["state"] == "UNKNOWN"


def test_pools_that_share_a_quota(cloud, checks, everything):
    cloud.quotas_of_all_regions["GPUS_ALL_REGIONS"] = 50
    check = checks(*everything)["quotas: GPUS_ALL_REGIONS in all regions"]
    assert (
        "the pools l4, l4-spot, t4, a100-parts, a100-reserved, h100-flex, gb200 can grow to 50 of 107 only"
        in check["says"]
    )


def test_nowhere_fits_while_the_quota_of_all_regions_is_short(cloud, checks):
    cloud.quotas["us-west1"]["NVIDIA_L4_GPUS"] = 0
    cloud.quotas_of_all_regions["GPUS_ALL_REGIONS"] = 0
    assert checks()["quotas: NVIDIA_L4_GPUS in us-west1"]["fits"] == {}


def test_a_metric_that_is_not_listed_is_unknown_and_not_zero(cloud, checks, preflight):
    del cloud.quotas["us-west1"]["NVIDIA_L4_GPUS"]
    del cloud.quotas_of_all_regions["GPUS_ALL_REGIONS"]
    found = checks()
    assert states(found, "UNKNOWN") == {
        "quotas: GPUS_ALL_REGIONS in all regions",
        "quotas: NVIDIA_L4_GPUS in us-west1",
    }
    check = found["quotas: NVIDIA_L4_GPUS in us-west1"]
    assert (check["limit"], check["in_use"]) == (None, None)
    assert "does not mean zero" in check["says"]
    ran = preflight()
    assert ran.exit_code == 1
    assert "Not known to be ready: 2 of 34 checks are inconclusive" in ran.stdout


def test_without_billing(cloud, checks, preflight):
    cloud.billing = {"billingEnabled": False}
    check = checks()["project: billing"]
    assert (check["state"], check["blocks"]) == ("FAIL", True)
    assert f"billing/linkedaccount?project={PROJECT}" in check["next_step"]
    assert f"gcloud billing projects link {PROJECT}" in check["next_step"]
    assert preflight().exit_code == 1


def test_without_rights(cloud, checks):
    """An Editor, for example: what is missing is told by role, with the command that gives it."""
    cloud.missing_permissions = {"resourcemanager.projects.setIamPolicy", "iam.roles.create"}
    cloud.google.refuse("compute.", Refusal(403, "Required 'compute.regions.list' permission"))
    found = checks()
    assert states(found, "FAIL") == {"rights: Project IAM Admin", "rights: Role Administrator"}
    check = found["rights: Project IAM Admin"]
    assert "resourcemanager.projects.setIamPolicy" in check["says"]
    assert (
        f"gcloud projects add-iam-policy-binding {PROJECT} --member user:ada@example.com "
        "--role roles/resourcemanager.projectIamAdmin" in check["next_step"]
    )
    assert_one_cause(found, "compute.googleapis.com returned 403: Required 'compute.regions.list' permission")


def test_a_project_that_is_not_there(cloud, checks):
    cloud.project = None
    found = checks()
    assert states(found, "FAIL") == {"project: exists"}
    assert states(found, "SKIP") == {"rights: all", "apis: all", "machines: all", "quotas: all"}


def test_a_project_that_is_being_deleted(cloud, checks):
    cloud.project = {"projectId": PROJECT, "state": "DELETE_REQUESTED"}
    check = checks()["project: exists"]
    assert "DELETE_REQUESTED" in check["says"]
    assert f"gcloud projects undelete {PROJECT}" in check["next_step"]


def test_apis_that_are_off_and_that_the_deployment_turns_on(cloud, checks):
    cloud.apis_off = {"sqladmin.googleapis.com", "container.googleapis.com"}
    check = checks()["apis: turned on by the deployment"]
    assert check["state"] == "PASS"
    assert check["says"] == "2 of 11 are not enabled yet: container.googleapis.com, sqladmin.googleapis.com"


def test_what_cannot_be_read_while_compute_engine_is_off(cloud, checks, preflight):
    cloud.apis_off = {"compute.googleapis.com"}
    found = checks()
    assert states(found, "FAIL") == set()
    check = assert_one_cause(found, "the API compute.googleapis.com is not enabled in the project")
    assert check["next_step"] == f"run `gcloud services enable compute.googleapis.com --project {PROJECT}`"
    ran = preflight()
    assert ran.exit_code == 1
    assert ran.stdout.splitlines()[-1] == (
        "Not known to be ready: 11 of 34 checks are inconclusive (machines: zones and 10 more)."
    )


@pytest.mark.parametrize("api", ["serviceusage.googleapis.com", "cloudresourcemanager.googleapis.com"])
def test_an_api_without_which_terraform_turns_on_no_other(cloud, checks, api):
    cloud.apis_off = {api}
    check = checks()["apis: on before the deployment"]
    assert (check["state"], check["blocks"]) == ("FAIL", True)
    assert f"not enabled: {api}" in check["says"]
    assert check["next_step"].startswith("run `gcloud services enable cloudresourcemanager.googleapis.com")


def test_machines_that_a_zone_does_not_have(cloud, checks):
    cloud.not_in["g2-standard-12"] = {"us-west1-b"}
    cloud.not_in["nvidia-l4"] = {"us-west1-b", "us-west1-c"}
    found = checks()
    machine = found["machines: g2-standard-12 for the pool l4"]
    assert (machine["state"], machine["blocks"]) == ("FAIL", True)
    assert machine["says"] == "not in us-west1-b; in us-west1-a, us-west1-c"
    assert 'set `zones = ["us-west1-a"]` in [gpu_pools.l4]' in machine["next_step"]
    gpu = found["machines: nvidia-l4 for the pool l4"]
    assert gpu["says"] == "not in us-west1-b, us-west1-c; in us-west1-a"
    assert gpu["fits"] == {"zones": ["us-west1-a"], "regions": ["europe-west4", "us-central1", "us-east4"]}


def test_machines_that_a_region_does_not_have(cloud, checks):
    cloud.not_in["e2-standard-2"] = {f"us-west1-{zone}" for zone in "abc"}
    check = checks()["machines: e2-standard-2 for the pool system"]
    assert "nor elsewhere in us-west1" in check["says"]
    assert "one of the regions europe-west4, us-central1, us-east4" in check["next_step"]


def test_a_custom_machine_type_is_skipped(checks, out):
    manifest = out / "platform.json"
    manifest.write_text(manifest.read_text().replace("e2-standard-8", "n2-custom-8-16384"))
    check = checks()["machines: n2-custom-8-16384 for the pool cpu"]
    assert (check["state"], check["says"]) == ("SKIP", "Compute Engine does not list custom machine types")


@pytest.mark.parametrize(
    ("right", "wrong", "says", "next_step"),
    [
        (
            "us-west1-a",
            "us-west1-z",
            "us-west1 has no zone us-west1-z",
            "set `zones` to some of us-west1-a, us-west1-b",
        ),
        ('"us-west1"', '"us-west9"', "there is no region us-west9", "set `region` to one of europe-west4, us-central1"),
    ],
)
def test_a_zone_or_region_that_there_is_not(checks, out, right, wrong, says, next_step):
    manifest = out / "platform.json"
    manifest.write_text(manifest.read_text().replace(right, wrong))
    check = checks()["machines: zones"]
    assert (check["state"], check["says"]) == ("FAIL", says)
    assert check["next_step"].startswith(next_step)


def test_a_slow_api_is_waited_for(cloud, checks):
    cloud.google.slow("compute.", 0.5)
    found = checks()
    assert states(found, "PASS") == set(found)


def test_an_api_that_does_not_answer_leaves_the_others_alone(cloud, checks):
    cloud.google.slow("cloudbilling.", 3)
    found = checks("--timeout", "0.5")
    assert states(found, "UNKNOWN") == {"project: billing"}
    assert found["project: billing"]["says"] == "no response from cloudbilling.googleapis.com within 0.5 s"
    assert len(cloud.google.calls_of("cloudbilling.projects.getBillingInfo")) == 2


@pytest.mark.parametrize(
    ("prefix", "unknown"),
    [
        ("oauth2.", {"credentials: account"}),
        ("cloudresourcemanager.projects.get", {"project: exists"}),
        ("cloudresourcemanager.projects.test", {f"rights: in {PROJECT}"}),
        ("cloudbilling.", {"project: billing"}),
        ("serviceusage.", {"apis: turned on by the deployment"}),
        (
            "compute.projects.",
            {"quotas: CPUS_ALL_REGIONS in all regions", "quotas: GPUS_ALL_REGIONS in all regions"},
        ),
        ("compute.accelerator", {"machines: nvidia-l4 for the pool l4"}),
    ],
)
def test_a_failing_api_makes_unknown_what_it_would_have_told(cloud, checks, prefix, unknown):
    cloud.google.refuse(prefix, Refusal(503, "The service is currently unavailable.", "backendError"))
    found = checks()
    assert states(found, "UNKNOWN") == unknown
    assert states(found, "FAIL") == set()
    (check,) = [check for check in found.values() if check["state"] == "UNKNOWN"]
    assert "503: The service is currently unavailable" in check["says"]


def test_an_api_that_fails_once_is_asked_again(cloud, checks):
    answers = [{"billingEnabled": True}, Refusal(503, "later", "backendError")]
    cloud.google.answer("cloudbilling.projects.getBillingInfo", lambda _: answers.pop())
    assert checks()["project: billing"]["state"] == "PASS"


def test_nobody_answers(monkeypatch, checks):
    monkeypatch.setenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDBILLING", "http://127.0.0.1:9/")
    says = "no connection to cloudbilling.googleapis.com: connection refused"
    assert checks()["project: billing"]["says"] == says


def test_a_list_in_pages_is_read_to_its_end(cloud, checks):
    def in_pages(call):
        if "pageToken" not in call.parameters:
            return {"items": [cloud._region("us-central1")], "nextPageToken": "more"}
        assert call.parameters["pageToken"] == "more"
        return {"items": [cloud._region("us-west1")]}

    cloud.google.answer("compute.regions.list", in_pages)
    found = checks()
    assert states(found, "PASS") == set(found)


@pytest.fixture
def offline(cloud, preflight, monkeypatch):
    """No API can be reached."""
    for name in cloud.google._apis:
        monkeypatch.setenv(f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{name.upper()}", "http://127.0.0.1:9/")
    return preflight


def test_without_a_network_one_check_says_so_and_the_rest_is_skipped(offline):
    ran = offline("--json")
    result = ran.document["result"]
    (unknown,) = [check for check in result["checks"] if check["state"] == "UNKNOWN"]
    assert (unknown["topic"], unknown["name"]) == ("network", "Google's APIs")
    assert unknown["next_step"] == "check your network and proxy settings (HTTPS_PROXY), then retry"
    skipped = [check["topic"] for check in result["checks"] if check["state"] == "SKIP"]
    assert skipped == ["credentials", "project", "rights", "apis", "machines", "quotas", "images"]
    assert ran.exit_code == 1
    assert result["ready"] is None
    assert result["reasons"] == [f"network: Google's APIs: {unknown['says']}"]
    assert [problem["what"] for problem in ran.document["problems"]] == result["reasons"]


def test_a_network_that_swallows_everything(cloud, checks):
    cloud.google.slow("", 5)
    found = checks("--timeout", "0.3")
    assert states(found, "UNKNOWN") == {"network: Google's APIs"}
    assert "no response from" in found["network: Google's APIs"]["says"]


def test_the_reasons_are_those_of_the_worst(cloud, preflight):
    """What fails says more than what is not known."""
    cloud.billing = {"billingEnabled": False}
    cloud.google.refuse("serviceusage.", Refusal(503, "later", "backendError"))
    result = preflight("--json").document["result"]
    assert result["ready"] is False
    assert [reason.partition(": off")[0] for reason in result["reasons"]] == ["project: billing"]


def test_ready_has_no_reasons(preflight):
    result = preflight("--json").document["result"]
    assert (result["ready"], result["reasons"]) == (True, [])
