"""The credentials that Terraform would use, in the order in which it looks for them.

Of the provider: google/provider/provider.go and google/transport/config.go at v6.50.0; of the GCS backend its page in
Terraform 1.11's documentation.
"""

import json

import pytest

from metaflow_gcp_tools.clients.google_credentials import BACKEND, PROVIDER, find
from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered

VARIABLES = {
    "GOOGLE_OAUTH_ACCESS_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS",
    *(variable for order in (PROVIDER, BACKEND) for variable in (*order.keys, *order.impersonate)),
}
LOGIN = {"type": "authorized_user", "client_id": "id", "client_secret": "s", "refresh_token": "r"}
FEDERATED = {
    "type": "external_account",
    "audience": "//iam.googleapis.com/projects/7/locations/global/workloadIdentityPools/ci/providers/github",
    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
    "token_url": "https://sts.googleapis.com/v1/token",
    "credential_source": {"file": "/nowhere/token"},
}
OF_AN_ACCOUNT = {
    **FEDERATED,
    "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
    "deployer@acme.iam.gserviceaccount.com:generateAccessToken",
}


@pytest.fixture
def variables(monkeypatch, tmp_path):
    """Set these, and none of the developer's own."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))

    def variables(**values):
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return variables


def login(name):
    """Credentials that can be told from others."""
    return json.dumps({**LOGIN, "client_id": name})


def whose(order, *, impersonate=None):
    credentials = find(order, impersonate=impersonate).credentials
    return getattr(credentials, "client_id", None) or credentials.token


@pytest.mark.parametrize(
    ("order", "first_to_last"),
    [
        (PROVIDER, ["GOOGLE_CREDENTIALS", "GOOGLE_CLOUD_KEYFILE_JSON", "GCLOUD_KEYFILE_JSON"]),
        (BACKEND, ["GOOGLE_BACKEND_CREDENTIALS", "GOOGLE_CREDENTIALS"]),
    ],
    ids=["provider", "backend"],
)
def test_the_order(variables, tmp_path, order, first_to_last):
    """From the last to the first: each goes before those that were set already."""
    file = tmp_path / "adc.json"
    file.write_text(login("adc"))
    variables(GOOGLE_APPLICATION_CREDENTIALS=str(file))
    assert whose(order) == "adc"
    for name in reversed(first_to_last):
        variables(**{name: login(name)})
        assert whose(order) == name
    variables(GOOGLE_OAUTH_ACCESS_TOKEN="token")
    assert whose(order) == "token"


@pytest.mark.parametrize("name", ["GOOGLE_BACKEND_CREDENTIALS", "GOOGLE_BACKEND_IMPERSONATE_SERVICE_ACCOUNT"])
def test_the_provider_does_not_read_the_backend_s_own(variables, name):
    variables(**{name: login("backend"), "GOOGLE_CREDENTIALS": login("provider")})
    assert whose(PROVIDER) == "provider"


def test_a_variable_may_name_a_file(variables, tmp_path):
    (tmp_path / "key.json").write_text(login("file"))
    (tmp_path / "token").write_text("token of a file\n")
    variables(GOOGLE_CREDENTIALS=str(tmp_path / "key.json"))
    assert whose(PROVIDER) == "file"
    variables(GOOGLE_OAUTH_ACCESS_TOKEN=str(tmp_path / "token"))
    assert whose(PROVIDER) == "token of a file"


@pytest.mark.parametrize(
    ("order", "set_", "configured", "target"),
    [
        (PROVIDER, {"GOOGLE_IMPERSONATE_SERVICE_ACCOUNT": "a@p"}, None, "a@p"),
        (PROVIDER, {"GOOGLE_IMPERSONATE_SERVICE_ACCOUNT": "a@p"}, "b@p", "b@p"),
        (BACKEND, {"GOOGLE_IMPERSONATE_SERVICE_ACCOUNT": "a@p"}, None, "a@p"),
        (
            BACKEND,
            {"GOOGLE_IMPERSONATE_SERVICE_ACCOUNT": "a@p", "GOOGLE_BACKEND_IMPERSONATE_SERVICE_ACCOUNT": "c@p"},
            None,
            "c@p",
        ),
        (BACKEND, {"GOOGLE_BACKEND_IMPERSONATE_SERVICE_ACCOUNT": "c@p"}, "b@p", "b@p"),
    ],
)
@pytest.mark.parametrize("source", ["GOOGLE_OAUTH_ACCESS_TOKEN", "GOOGLE_CREDENTIALS"])
def test_whichever_it_is_impersonates(variables, source, order, set_, configured, target):
    variables(**set_, **{source: login("me")})
    found = find(order, impersonate=configured)
    assert found.credentials.service_account_email == target
    assert found.source.startswith(f"{target}, impersonated by ")
    assert source in found.source
    assert not found.federated


def test_federated_credentials_are_known_as_such(variables):
    variables(GOOGLE_CREDENTIALS=json.dumps(FEDERATED))
    assert find().federated
    variables(GOOGLE_CREDENTIALS=json.dumps(OF_AN_ACCOUNT))
    assert not find().federated


@pytest.mark.parametrize(
    "value", ["/nowhere/key.json", "{", "[]", '{"type": "nonsense"}', '{"type": "authorized_user"}']
)
def test_what_is_none_is_refused_without_being_shown(variables, value):
    variables(GOOGLE_CLOUD_KEYFILE_JSON=value)
    with pytest.raises(Unanswered) as raised:
        find()
    assert raised.value.cause is Cause.NO_CREDENTIALS
    assert value not in raised.value.what
    assert "GOOGLE_CLOUD_KEYFILE_JSON" in raised.value.what + raised.value.next_step


def test_none_at_all(variables):
    with pytest.raises(Unanswered, match="there are no credentials for Google Cloud on this machine"):
        find()
