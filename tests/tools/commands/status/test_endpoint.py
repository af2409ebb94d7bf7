"""What `status` says of the names on the internet."""

import io
from dataclasses import replace
from types import SimpleNamespace

import pytest
from requests.exceptions import ConnectTimeout, SSLError
from rich.console import Console

from metaflow_gcp_tools.commands.status import endpoint as names, show
from metaflow_gcp_tools.platform.description import Endpoint

IP = "34.96.0.7"
ENDPOINT = Endpoint(ip=IP, hosts={"ui": "ml.example.com"}, records_by_hand=True)
SIGN_IN = {"Location": "https://accounts.google.com/o/oauth2/v2/auth?client_id=x"}


def answer(status, **headers):
    return lambda _url: SimpleNamespace(status_code=status, headers=headers)


def fail(error):
    def get(_url):
        raise error

    return get


@pytest.mark.parametrize(
    ("addresses", "get", "state", "says"),
    [
        (set(), answer(200), "no record", f"must lead to {IP}"),
        ({"203.0.113.9"}, answer(200), "wrong record", f"leads to 203.0.113.9 instead of {IP}"),
        ({IP}, fail(SSLError("handshake")), "no certificate", "up to an hour"),
        ({IP}, fail(ConnectTimeout("slow")), "no answer", "ConnectTimeout"),
        ({IP}, answer(302, **SIGN_IN), "ready", "behind Google's sign-in"),
        ({IP}, answer(401, **{"X-Goog-IAP-Generated-Response": "true"}), "ready", "behind"),
        ({IP}, answer(502), "no answer", "502"),
        # A redirect of its own is an answer of the service's as well.
        ({IP}, answer(302, Location="https://elsewhere.example.com/"), "open", "without Google's sign-in"),
        ({IP}, answer(200), "open", "answers 200"),
    ],
)
def test_a_name(addresses, get, state, says):
    [found] = names.look(ENDPOINT, resolve=lambda _: addresses, get=get)
    assert (found.url, found.state) == ("https://ml.example.com", state)
    assert says in found.says


@pytest.mark.parametrize(
    ("state", "by_hand", "next_step"),
    [
        ("no record", True, f"create the record `ml.example.com. A {IP}`"),
        ("wrong record", True, f"create the record `ml.example.com. A {IP}`"),
        ("wrong record", False, "make deploy"),
        ("open", False, "endpoint.enabled to false"),
        ("no record", False, None),
        ("no certificate", True, None),
        ("ready", True, None),
    ],
)
def test_what_takes_somebody_is_a_problem_and_what_takes_time_is_none(state, by_hand, next_step):
    name = names.Name(service="ui", url="https://ml.example.com", state=state, says="so")
    found = list(names.problems(replace(ENDPOINT, records_by_hand=by_hand), [name]))
    assert [next_step in each.next_step for each in found] == ([True] if next_step else [])


def test_it_is_shown():
    text = io.StringIO()
    console = Console(file=text, width=120)
    found = names.look(ENDPOINT, resolve=lambda _: {IP}, get=fail(SSLError("handshake")))
    show.endpoint(console, found)
    for said in ("ui", "https://ml.example.com", "a new one takes up to an hour"):
        assert said in text.getvalue()


def test_without_an_endpoint_nobody_asks(world):
    ran = world.status("--json")
    assert ran.document["result"]["endpoint"] is None
