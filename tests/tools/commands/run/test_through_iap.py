"""`metaflow-gcp run --via iap`: each request has a token in force, and arrives once where it changes something."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests

from metaflow_gcp_tools.clients import google as google_apis, iap
from metaflow_gcp_tools.clients.iap import Tokens
from metaflow_gcp_tools.commands.forward import iap_proxy, ports, through_iap
from metaflow_gcp_tools.commands.run.through_iap import ThroughIap
from metaflow_gcp_tools.platform.description import Endpoint
from metaflow_gcp_tools.problems import CommandFailed, WrongUse
from metaflow_gcp_tools.terminal.output import Output
from tests.tools.commands.run.stand_in_iap import ACCOUNT, HOST, StandInIap, sign
from tests.tools.commands.status.conftest import PLATFORM

LIFE = 20


class Clock:
    def __init__(self):
        self.time = 1_800_000_000.0

    def __call__(self):
        return self.time


def echo(asked):
    if asked.path == "/ping":
        return 200, b"pong"
    said = {"method": asked.method, "path": asked.path, "body": asked.body.decode()}
    return 200, json.dumps(said).encode()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def google(clock):
    """With the service behind it."""
    return StandInIap(answer=echo, now=clock)


@pytest.fixture
def signed():
    return []


@pytest.fixture
def local(google, clock, signed, monkeypatch):
    """The service's URL on this machine."""
    monkeypatch.setattr(iap_proxy, "PAUSES", (0.0, 0.0))

    def counted(claims):
        signed.append(claims)
        return sign(claims)

    with google.serving() as url:
        upstream = iap_proxy.Upstream(url, Tokens(HOST, ACCOUNT, counted, life=LIFE, now=clock))
        with iap_proxy.serving(upstream, 0) as port:
            yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "PUT", "DELETE"])
def test_a_request_arrives_as_it_was_sent(local, google, method):
    path = "/flows/Hello%2FFlow/runs?_tags=a%20b&x=//y"
    answer = requests.request(
        method, local + path, data=b'{"a": 1}', headers={"Authorization": "of the service", "X-Own": "y"}, timeout=10
    )
    assert answer.json() == {"method": method, "path": path, "body": '{"a": 1}'}
    [asked] = google.passed
    assert asked.headers["Authorization"] == "of the service"
    assert asked.headers["X-Own"] == "y"
    assert "127.0.0.1" in asked.headers["Host"]


def test_a_token_is_made_anew_before_it_ends(local, google, clock, signed):
    """Three minutes with tokens of 20 seconds: none of 90 requests is refused."""
    with requests.Session() as session:
        for _ in range(90):
            assert session.get(f"{local}/flows", timeout=10).status_code == 200
            clock.time += 2
    assert google.refused == []
    assert len(google.passed) == 90
    assert 9 <= len(signed) <= 13
    assert {claims["exp"] - claims["iat"] for claims in signed} == {LIFE}


def test_a_token_that_google_no_longer_takes_is_replaced_and_the_request_arrives_once(local, google, clock, signed):
    """As after a laptop's sleep, when its clock is behind."""
    assert requests.post(f"{local}/flows/A", data=b"1", timeout=10).status_code == 200
    google.now = lambda: clock.time + LIFE + 5
    taken = iter((True,))
    google._wrong = lambda given, real=google._wrong: "" if len(signed) > 1 and next(taken, None) else real(given)
    assert requests.post(f"{local}/flows/B", data=b"2", timeout=10).status_code == 200
    assert google.refused == ["expired"]
    assert [each.path for each in google.passed] == ["/flows/A", "/flows/B"]


def test_an_account_without_the_right_is_told(local, google):
    google.accounts.clear()
    answer = requests.get(f"{local}/flows", timeout=10)
    assert answer.status_code == 403
    assert "does not let this service account in" in answer.json()["error"]


def test_what_changes_nothing_is_sent_again(local, google):
    google.broken = 2
    assert requests.get(f"{local}/flows", timeout=10).status_code == 200
    answers = iter([503, 502, 200])
    google.answer = lambda asked: (next(answers), b"{}")
    assert requests.get(f"{local}/flows", timeout=10).status_code == 200


def test_what_changes_something_is_not(local, google):
    """It may have arrived; Metaflow's client knows what to do."""
    google.broken = 1
    answer = requests.post(f"{local}/flows/A", data=b"{}", timeout=10)
    assert answer.status_code == 502
    assert "no response" in answer.json()["error"]
    assert google.passed == []
    google.answer = lambda asked: (503, b"{}")
    assert requests.post(f"{local}/flows/A", data=b"{}", timeout=10).status_code == 503
    assert len(google.passed) == 1


def test_a_hundred_faults(local, google, clock):
    """Broken connections, errors, ended tokens, in turn: every look gets its answer in the end."""
    for number in range(100):
        google.broken = number % 3
        clock.time += (number % 7) * 6
        assert requests.get(f"{local}/flows/{number}", timeout=10).json()["path"] == f"/flows/{number}"
    assert google.broken == 0
    assert google.refused == []


def through(url, clock, *argv):
    tokens = Tokens(HOST, ACCOUNT, sign, life=LIFE, now=clock)
    return ThroughIap(iap_proxy.Upstream(url, tokens), "", argv, Output(as_json=False))


def test_the_command_finds_the_service_and_its_exit_code_is_handed_on(google, clock, monkeypatch):
    monkeypatch.setenv("METAFLOW_PROFILE", "another")
    script = (
        "import os, sys, urllib.request; "
        "assert 'METAFLOW_PROFILE' not in os.environ; "
        "urllib.request.urlopen(os.environ['METAFLOW_SERVICE_URL'] + 'flows').read(); sys.exit(7)"
    )
    with google.serving() as url:
        assert asyncio.run(through(url, clock, sys.executable, "-c", script).to_its_end()) == 7
    assert [each.path for each in google.passed] == ["/ping", "/flows"]


def test_the_command_is_not_started_when_nobody_is_let_in(google, clock, tmp_path):
    google.accounts.clear()
    with google.serving() as url, pytest.raises(CommandFailed, match="is not let in"):
        asyncio.run(through(url, clock, "touch", str(tmp_path / "started")).to_its_end())
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize(
    ("endpoint", "kubectl", "via"),
    [
        (True, None, "iap"),
        (True, "/bin/kubectl", "kubectl"),
        (False, None, "kubectl"),
        (False, "/bin/kubectl", "kubectl"),
    ],
)
def test_the_default(monkeypatch, endpoint, kubectl, via):
    monkeypatch.setattr("shutil.which", lambda _: kubectl)
    found = Endpoint(ip="34.96.0.7", hosts={"metadata": HOST}, records_by_hand=False) if endpoint else None
    assert iap_proxy.default(SimpleNamespace(endpoint=found)) == via


def test_without_an_endpoint_iap_is_wrong_use():
    with pytest.raises(WrongUse, match="has no endpoint"):
        iap_proxy.of_platform(SimpleNamespace(endpoint=None), "")


def test_a_person_names_the_account_to_be(monkeypatch):
    monkeypatch.setattr(google_apis, "credentials", SimpleNamespace)
    assert iap.account(ACCOUNT) == ACCOUNT
    with pytest.raises(WrongUse, match="as a service account"):
        iap.account("")
    monkeypatch.setattr(google_apis, "credentials", lambda: SimpleNamespace(service_account_email=ACCOUNT))
    assert iap.account("") == ACCOUNT


def test_google_signs_with_a_key_of_its_own(monkeypatch):
    asked = []

    def call(method, **given):
        asked.append((method, given))
        return {"signedJwt": "signed"}

    monkeypatch.setattr(google_apis, "call", call)
    assert iap.signed_by_google(ACCOUNT)({"aud": "x"}) == "signed"
    [(method, given)] = asked
    assert method == "iamcredentials.projects.serviceAccounts.signJwt"
    assert given == {"name": f"projects/-/serviceAccounts/{ACCOUNT}", "body": {"payload": '{"aud": "x"}'}}


def test_forward_keeps_the_service_at_its_port_until_it_is_told_to_end(google, clock):
    """And does not open what nobody is let in to."""
    tokens = Tokens(HOST, ACCOUNT, sign, life=LIFE, now=clock)
    port, seen = ports.free(), []

    def opened():
        seen.append(requests.get(f"http://127.0.0.1:{port}/flows", timeout=10).status_code)
        os.kill(os.getpid(), signal.SIGTERM)

    ended = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        with google.serving() as url:
            through_iap.keep(iap_proxy.Upstream(url, tokens), port, opened)
            google.accounts.clear()
            with pytest.raises(CommandFailed, match="is not let in"):
                through_iap.keep(iap_proxy.Upstream(url, tokens), port, opened)
    finally:
        signal.signal(signal.SIGTERM, ended)
    assert seen == [200]


def test_pages_at_the_endpoint_keep_their_address(monkeypatch, tmp_path):
    """A link that Metaflow prints outlives the forward."""
    monkeypatch.setenv("METAFLOW_HOME", str(tmp_path))
    config = {"METAFLOW_UI_URL": "https://ml.example.com", "METAFLOW_SERVICE_URL": "http://127.0.0.1:8080/"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert ports.variables("metaflow-ui", 8083, "") == {}
    assert ports.variables("metadata-service", 18080, "") == {"METAFLOW_SERVICE_URL": "http://127.0.0.1:18080/"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("forward", "--via", "iap", "--background"), "opens the metadata service only"),
        (("forward", "--via", "iap", "--open"), "opens the metadata service only"),
        (("forward", "--via", "kubectl", "--impersonate-service-account", ACCOUNT), "is for --via iap"),
        (("run", "--via", "kubectl", "--impersonate-service-account", ACCOUNT, "--", "true"), "is for --via iap"),
    ],
)
def test_wrong_use(arguments, said, run_here, environment):
    """Before anybody is asked for anything."""
    folder = Path(environment["HOME"], ".metaflowconfig/metaflow-gcp")
    folder.mkdir(parents=True)
    endpoint = {"ip": "34.96.0.7", "hosts": {"ui": "ml.example.com", "metadata": HOST}, "records_by_hand": False}
    (folder / "default.json").write_text(json.dumps({**PLATFORM, "endpoint": endpoint}))
    ran = run_here(*arguments)
    assert ran.exit_code == 2
    assert said in ran.stderr
