import json
import socket
from http import HTTPStatus
from importlib import resources
from types import SimpleNamespace

import pytest
import requests

from metaflow_gcp_tools.clients import google as google_apis, google_rest
from metaflow_gcp_tools.clients.together import in_a_thread
from metaflow_gcp_tools.clients.unanswered import Unanswered
from tests.tools.commands.preflight.cloud import cloud_quotas_document
from tests.tools.discovery import Api, api


def test_a_host_that_cannot_be_found_does_not_answer(monkeypatch):
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "any")
    monkeypatch.setenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE", "http://nowhere.invalid/")
    google_apis.credentials.cache_clear()
    with pytest.raises(Unanswered, match=r"compute\.googleapis\.com: its name cannot be resolved"):
        google_apis.call("compute.regions.list", retries=0, project="p")
    google_apis.credentials.cache_clear()


TABLE = json.loads((resources.files("metaflow_gcp_tools.clients") / "google_methods.json").read_text("utf-8"))


@pytest.mark.parametrize("name", TABLE)
def test_methods_are_as_google_describes_them(name):
    described = Api(cloud_quotas_document()) if name == "cloudquotas.v1" else api(*name.split("."))
    assert TABLE[name]["base"] == described.document["rootUrl"] + described.document["servicePath"]
    for method, (verb, path) in TABLE[name]["methods"].items():
        found = described.methods[method]
        assert (verb, path) == (found["httpMethod"], found["path"])


class Connection:
    """Answers as it is told, and remembers what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def request(self, verb, url, *, data, headers):
        self.asked.append((verb, url, data))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, content = answer
        return SimpleNamespace(status_code=status, content=content, reason=HTTPStatus(status).phrase)


def regions(connection, *, retries, **given):
    return google_rest.call(connection.request, "compute.regions.list", {"project": "p"} | given, retries=retries)


def test_a_request_is_what_its_method_says():
    connection = Connection((200, b'{"items": []}'), (200, b"\xff"), (200, b""))
    assert regions(connection, retries=0, project="a/b", pageToken=None, fields=["x", "y z"]) == {"items": []}
    content = {"bucket": "b", "object": "c/d é", "alt": "media"}
    said = google_rest.call(connection.request, "storage.objects.get", content, retries=0, base="http://x/y/")
    assert said == b"\xff"
    method = "cloudresourcemanager.projects.testIamPermissions"
    asked = {"resource": "projects/p", "body": {"permissions": ["p"]}}
    assert google_rest.call(connection.request, method, asked, retries=0) == {}
    root = "https://compute.googleapis.com/compute/v1"
    assert connection.asked == [
        ("GET", f"{root}/projects/a%2Fb/regions?alt=json&fields=x&fields=y+z", None),
        ("GET", "http://x/y/b/b/o/c%2Fd%20%C3%A9?alt=media", None),
        (
            "POST",
            "https://cloudresourcemanager.googleapis.com/v3/projects/p:testIamPermissions?alt=json",
            '{"permissions": ["p"]}',
        ),
    ]


def test_the_next_page_is_the_same_request_with_its_token():
    asked = []

    def ask(method, **given):
        asked.append((method, given))
        return {"nextPageToken": "2&"} if len(asked) == 1 else {}

    assert list(google_apis.pages("compute.regions.list", ask, project="p")) == [{"nextPageToken": "2&"}, {}]
    assert asked == [
        ("compute.regions.list", {"project": "p", "pageToken": None}),
        ("compute.regions.list", {"project": "p", "pageToken": "2&"}),
    ]


@pytest.mark.parametrize("fault", [(429, b""), (503, b"{}"), requests.ConnectionError(), requests.Timeout()])
def test_what_may_pass_is_tried_again(monkeypatch, fault):
    monkeypatch.setattr("time.sleep", lambda _: None)
    connection = Connection(fault, fault, (200, b"{}"))
    assert regions(connection, retries=2) == {}
    with pytest.raises((google_rest.HttpError, OSError)):
        regions(Connection(fault, fault), retries=1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b'{"error": {"message": "no rights"}}', "no rights"), (b"<html>", "Forbidden"), (b'{"error": "x"}', "Forbidden")],
)
def test_a_refusal_is_final_and_says_why(content, reason):
    connection = Connection((403, content))
    with pytest.raises(google_rest.HttpError) as error:
        regions(connection, retries=3)
    assert (error.value.status, error.value.reason) == (403, reason)
    assert len(connection.asked) == 1


@pytest.mark.parametrize("fault", [requests.exceptions.SSLError(), requests.exceptions.ProxyError()])
def test_what_does_not_pass_is_final(fault):
    connection = Connection(fault)
    with pytest.raises(type(fault)):
        regions(connection, retries=3)
    assert len(connection.asked) == 1


def test_a_proxy_is_asked_to_connect(monkeypatch):
    """Where there is no other way out, not even names are resolved."""
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "any")
    monkeypatch.delenv("NO_PROXY", raising=False)
    google_apis.credentials.cache_clear()
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        asked = in_a_thread(lambda: google_apis.call("compute.regions.list", retries=0, timeout=5, project="p"))
        connection, _ = proxy.accept()
        with connection:
            assert connection.recv(100).startswith(b"CONNECT compute.googleapis.com:443 ")
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        with pytest.raises(Unanswered, match="the proxy does not let it through"):
            asked.result()
    google_apis.credentials.cache_clear()


def test_a_method_that_is_not_in_the_table_is_a_fault_of_ours():
    with pytest.raises(LookupError, match=r"compute\.regions\.delete"):
        google_rest.call(Connection().request, "compute.regions.delete", {"project": "p"}, retries=0)
