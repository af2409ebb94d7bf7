"""Who deploys, as the stacks say: the account that is impersonated, and the bucket of the state."""

import pytest

from metaflow_gcp_tools.commands.preflight import deployer
from tests.tools.commands.preflight.cloud import IMPERSONATED_TOKEN, synthesized
from tests.tools.stand_in_google import TOKEN, Refusal

STATE = "state: gs://acme-terraform-state"
DEPLOYER = "deployer@acme-metaflow.iam.gserviceaccount.com"
IMPERSONATE = "iamcredentials.projects.serviceAccounts.generateAccessToken"
TEST = "storage.buckets.testIamPermissions"


@pytest.fixture
def out(tmp_path):
    """Settings with a state in a bucket, and a service account that deploys."""
    return synthesized(tmp_path / "out", "everything")


def test_what_the_stacks_say(out, tmp_path):
    assert deployer.read(out) == deployer.Deployer(
        impersonates=DEPLOYER, bucket="acme-terraform-state", impersonates_for_state=DEPLOYER
    )
    nobody = deployer.Deployer(impersonates=None, bucket=None, impersonates_for_state=None)
    assert deployer.read(synthesized(tmp_path / "minimal", "minimal")) == nobody


def test_a_state_in_a_file_is_not_checked(checks, tmp_path):
    arguments = ("--out", str(synthesized(tmp_path / "minimal", "minimal")))
    assert not [name for name in checks(*arguments) if name.startswith("state")]


def test_the_account_of_the_settings_deploys(cloud, checks):
    cloud.token["email"] = DEPLOYER
    found = checks()
    assert found["credentials: account"]["says"].startswith(f"{DEPLOYER} ({DEPLOYER}, impersonated by")
    assert (found[STATE]["state"], found[STATE]["says"]) == (
        "PASS",
        f"readable and writable ({DEPLOYER}, impersonated by the token in GOOGLE_OAUTH_ACCESS_TOKEN)",
    )
    assert {call.parameters["name"] for call in cloud.google.calls_of(IMPERSONATE)} == {
        f"projects/-/serviceAccounts/{DEPLOYER}"
    }
    assert cloud.google.calls_of("oauth2.tokeninfo")[0].parameters["access_token"] == IMPERSONATED_TOKEN


def test_the_settings_go_before_the_backend_s_variable(cloud, checks, monkeypatch):
    monkeypatch.setenv("GOOGLE_BACKEND_IMPERSONATE_SERVICE_ACCOUNT", "state@acme-metaflow.iam.gserviceaccount.com")
    checks()
    assert "state@" not in str(cloud.google.calls_of(IMPERSONATE))


@pytest.mark.parametrize(
    ("answer", "state", "says", "next_step"),
    [
        (
            {"permissions": ["storage.objects.get"]},
            "FAIL",
            "missing: storage.objects.create",
            "roles/storage.objectUser",
        ),
        (
            Refusal(404, "The specified bucket does not exist."),
            "FAIL",
            "does not exist",
            "gcloud storage buckets create",
        ),
        (Refusal(403, "denied"), "FAIL", "may not see it", "backend.bucket"),
        (Refusal(503, "later", "backendError"), "UNKNOWN", "storage.googleapis.com returned 503: later", "retry"),
    ],
)
def test_a_state_that_cannot_be_used(cloud, checks, answer, state, says, next_step):
    cloud.google.answer(TEST, answer)
    check = checks()[STATE]
    assert check["state"] == state
    assert says in check["says"]
    assert next_step in check["next_step"]
    assert TOKEN not in check["says"]
