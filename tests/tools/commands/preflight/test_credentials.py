"""Whose credentials they are, and that no secret is seen."""

import pytest

from tests.tools.commands.preflight.cloud import IMPERSONATED_TOKEN, PROJECT
from tests.tools.stand_in_google import TOKEN, Refusal

SKIPPED = {"project: all", "rights: all", "apis: all", "machines: all", "quotas: all"}


def test_none(checks, monkeypatch):
    monkeypatch.delenv("GOOGLE_OAUTH_ACCESS_TOKEN")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    found = checks()
    check = found["credentials: account"]
    assert (check["state"], check["blocks"]) == ("FAIL", True)
    assert "GOOGLE_APPLICATION_CREDENTIALS=/nowhere/key.json contains no credentials" in check["says"]
    assert "run `gcloud auth application-default login`" in check["next_step"]
    assert {name for name, check in found.items() if check["state"] == "SKIP"} == SKIPPED


@pytest.mark.parametrize("code", [400, 401])
def test_a_token_that_has_expired(cloud, checks, code):
    cloud.google.answer("oauth2.tokeninfo", Refusal(code, "Invalid Value"))
    cloud.google.answer("cloudresourcemanager.projects.get", Refusal(401, "Invalid Credentials", "authError"))
    check = checks()["credentials: account"]
    assert check["state"] == "FAIL"
    assert check["says"] == "Google does not accept the credentials (the token in GOOGLE_OAUTH_ACCESS_TOKEN)"
    assert "gcloud auth print-access-token" in check["next_step"]


def test_a_token_that_may_do_too_little(cloud, checks):
    cloud.token["scope"] = "openid"
    check = checks()["credentials: account"]
    assert check["state"] == "FAIL"
    assert "lack the scope https://www.googleapis.com/auth/cloud-platform" in check["says"]


def test_a_token_that_does_not_tell_whose_it_is(cloud, checks):
    del cloud.token["email"]
    check = checks()["credentials: account"]
    assert check["state"] == "PASS"
    assert "does not say whose" in check["says"]


def test_a_service_account(cloud, checks):
    cloud.token["email"] = "ci@acme-metaflow.iam.gserviceaccount.com"
    cloud.missing_permissions = {"iam.roles.create"}
    assert f"--member serviceAccount:{cloud.token['email']}" in checks()["rights: Role Administrator"]["next_step"]


def test_credentials_that_name_no_project(cloud, checks):
    said = "The cloudbilling.googleapis.com API requires a quota project, which is not set by default."
    cloud.google.refuse("cloudbilling.", Refusal(403, said))
    check = checks()["project: billing"]
    assert check["state"] == "UNKNOWN"
    assert f"run `gcloud auth application-default set-quota-project {PROJECT}`" in check["next_step"]


def test_the_token_is_not_seen_even_when_google_refuses_it(cloud, run, out, tools):
    """It is in a URL, and must be in nothing that the program writes."""
    cloud.google.answer("oauth2.tokeninfo", Refusal(500, "no"))
    with cloud.google.serving() as endpoints:
        ran = run("preflight", "--out", str(out), PATH=str(tools), **endpoints)
    assert cloud.google.calls_of("oauth2.tokeninfo")[0].parameters["access_token"] == TOKEN
    assert "oauth2.googleapis.com returned 500: no" in ran.stdout
    assert TOKEN not in ran.stdout
    assert ran.stderr == ""


def test_a_federated_token(cloud, checks):
    """Google's tokeninfo knows none of them; another API takes it."""
    cloud.google.answer("oauth2.tokeninfo", Refusal(400, "Invalid Value"))
    check = checks()["credentials: account"]
    assert check["state"] == "PASS"
    assert "as with a federated token" in check["says"]


def test_an_impersonated_service_account(cloud, checks, monkeypatch):
    account = "deployer@acme-metaflow.iam.gserviceaccount.com"
    monkeypatch.setenv("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", account)
    cloud.token["email"] = account
    check = checks()["credentials: account"]
    assert check["says"].startswith(f"{account} ({account}, impersonated by the token in")
    asked, *_ = cloud.google.calls_of("iamcredentials.projects.serviceAccounts.generateAccessToken")
    assert asked.parameters["name"] == f"projects/-/serviceAccounts/{account}"
    assert cloud.google.calls_of("oauth2.tokeninfo")[0].parameters["access_token"] == IMPERSONATED_TOKEN


def test_one_that_may_not_be_impersonated(cloud, checks, monkeypatch):
    monkeypatch.setenv("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", "deployer@acme-metaflow.iam.gserviceaccount.com")
    cloud.impersonated = Refusal(403, "Permission 'iam.serviceAccounts.getAccessToken' denied on resource")
    check = checks()["credentials: account"]
    assert check["state"] == "FAIL"
    assert "Permission 'iam.serviceAccounts.getAccessToken' denied" in check["says"]
    assert "roles/iam.serviceAccountTokenCreator" in check["next_step"]
