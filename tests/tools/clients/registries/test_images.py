"""Whether there is an image, as its registry says."""

import base64
import socket

import pytest

from metaflow_gcp_tools.checks import State
from metaflow_gcp_tools.clients.registries import images
from metaflow_gcp_tools.clients.registries.images import Reference
from tests.tools.stand_in_registry import SILENT, StandInRegistry

TIMEOUT = 20.0


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("python:3.11", "https://registry-1.docker.io/v2/library/python/manifests/3.11"),
        ("netflixoss/service:v2.5.0", "https://registry-1.docker.io/v2/netflixoss/service/manifests/v2.5.0"),
        ("docker.io/library/nats:2", "https://registry-1.docker.io/v2/library/nats/manifests/2"),
        ("quay.io/argoproj/argocli:v3.7.11", "https://quay.io/v2/argoproj/argocli/manifests/v3.7.11"),
        ("localhost:5000/a/b:1", "http://localhost:5000/v2/a/b/manifests/1"),
        ("public.ecr.aws/a/b:1@sha256:00ff", "https://public.ecr.aws/v2/a/b/manifests/sha256:00ff"),
        ("a/b", "https://registry-1.docker.io/v2/a/b/manifests/latest"),
    ],
)
def test_a_name_leads_to_its_registry(name, url):
    assert Reference.parse(name).url == url


def test_an_image_that_is_there(registry):
    digest = registry.have("library/nats:2.10.10")
    answer = images.ask(f"{registry.host}/library/nats:2.10.10", TIMEOUT)
    assert (answer.state, answer.digest) == (State.PASS, digest)
    by_digest = images.ask(f"{registry.host}/library/nats:2.10.10@{digest}", TIMEOUT)
    assert (by_digest.state, by_digest.digest) == (State.PASS, digest)
    # Nothing is pulled, and nobody logs in.
    assert {asked.partition(" ")[0] for asked in registry.asked if "/token" not in asked} == {"HEAD"}
    assert {each.get("Authorization") for each in registry.headers} == {None, "Bearer anonymous"}


def test_a_tag_that_is_missing(registry):
    registry.have("netflixoss/metaflow_metadata_service:v2.5.0")
    answer = images.ask(f"{registry.host}/netflixoss/metaflow_metadata_service:2.5.0", TIMEOUT)
    assert answer.state is State.FAIL
    assert answer.says.endswith("has no version 2.5.0 of netflixoss/metaflow_metadata_service")


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "requires a login"),
        (403, "refuses access (403)"),
        (429, "limits requests from this address (429)"),
        (503, "returned 503"),
    ],
)
def test_a_registry_that_refuses_leaves_it_open(registry, status, says):
    registry.have("a/b:1")
    registry.refuse("a/b", status)
    answer = images.ask(f"{registry.host}/a/b:1", TIMEOUT)
    assert (answer.state, answer.digest) == (State.UNKNOWN, None)
    assert says in answer.says


def test_only_what_may_pass_is_asked_for_again(registry):
    registry.refuse("a/b", 429)
    registry.refuse("c/d", 503)
    images.ask(f"{registry.host}/a/b:1", TIMEOUT)
    images.ask(f"{registry.host}/c/d:1", TIMEOUT)
    assert registry.asked == ["HEAD /v2/a/b/manifests/1", *["HEAD /v2/c/d/manifests/1"] * 2]


def test_a_registry_that_is_slow_leaves_it_open(registry):
    registry.refuse("a/b", SILENT)
    answer = images.ask(f"{registry.host}/a/b:1", 0.1)
    assert answer.state is State.UNKNOWN
    assert answer.says == f"no response from {registry.host} in time"


def test_a_registry_that_is_not_there_leaves_it_open():
    with socket.socket() as taken:
        # Bound and not listening: nobody else gets this port, and connections are refused.
        taken.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
        answer = images.ask(f"{host}/a/b:1", TIMEOUT)
    assert answer.state is State.UNKNOWN
    assert answer.says == f"no connection to {host}: connection refused"


def test_a_page_in_place_of_a_registry_leaves_it_open(registry):
    registry.refuse("a/b", 200)
    answer = images.ask(f"{registry.host}/a/b:1", TIMEOUT)
    assert answer.state is State.UNKNOWN
    assert "did not respond like a registry" in answer.says


def test_a_login_is_given_to_the_registry_that_it_is_for(registry):
    registry.have("a/b:1")
    images.ask(f"{registry.host}/a/b:1", TIMEOUT, ("oauth2accesstoken", "secret"))
    [of_token] = [headers for headers, asked in zip(registry.headers, registry.asked, strict=True) if "/token" in asked]
    assert base64.b64decode(of_token["Authorization"].removeprefix("Basic ")) == b"oauth2accesstoken:secret"


def test_no_other_host_gets_it(registry):
    with StandInRegistry() as elsewhere:
        registry.have("a/b:1")
        registry.realm = f"http://{elsewhere.host}/token"
        images.ask(f"{registry.host}/a/b:1", TIMEOUT, ("oauth2accesstoken", "secret"))
        assert len(elsewhere.asked) == 1
        assert "Authorization" not in elsewhere.headers[0]
