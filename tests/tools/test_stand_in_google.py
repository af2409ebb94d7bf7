"""The stand-in for Google notices what Google's own documents do not allow."""

from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.tools.stand_in_google import Refusal, StandInGoogle

PERMISSIONS = "cloudresourcemanager/v3/projects/acme:testIamPermissions"


@pytest.fixture
def google():
    google = StandInGoogle()
    google.use("cloudresourcemanager", "v3")
    google.use("storage", "v1")
    return google


def ask(google, path, body=None):
    """The code and the content that the server answers one request with."""
    with google.serving() as environment:
        address = environment["CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE"].removesuffix("storage/")
        try:
            with urlopen(Request(f"{address}{path}", data=body)) as answer:
                return answer.status, answer.read()
        except HTTPError as error:
            with error:
                return error.code, error.read()


def test_what_is_as_described_is_answered(google):
    google.answer(
        "cloudresourcemanager.projects.testIamPermissions", lambda call: {"permissions": call.body["permissions"]}
    )
    assert ask(google, PERMISSIONS, b'{"permissions": ["a.b.c"]}') == (200, b'{"permissions": ["a.b.c"]}')
    assert google.calls[0].parameters == {"resource": "projects/acme"}


def test_an_object_is_given_as_it_is(google):
    google.answer("storage.objects.get", b"content")
    assert ask(google, "storage/b/bucket/o/folder%2Ffile?alt=media") == (200, b"content")
    assert google.calls[0].parameters["object"] == "folder/file"


def test_a_refusal_has_its_code(google):
    google.refuse("storage.", Refusal(403, "no rights"))
    code, content = ask(google, "storage/b/bucket")
    assert code == 403
    assert b"no rights" in content


@pytest.mark.parametrize(
    ("path", "body", "answer", "fault"),
    [
        ("storage/b?project=acme&pages=2", None, {}, "there is no parameter pages"),
        ("storage/b?project=acme&project=b", None, {}, "project is given more than once"),
        ("storage/b", None, {}, "project is missing"),
        ("storage/b?project=acme", None, {"buckets": []}, "there is no field buckets"),
        ("storage/b?project=acme", None, {"items": [{"name": 3}]}, r"items\[0\]\.name: 3 is no string"),
        ("storage/b?project=acme", None, {"items": [{"metageneration": "x"}]}, "no whole number"),
        (PERMISSIONS, b'{"permissions": "a"}', {}, "'a' is no array"),
        (PERMISSIONS, b'{"right": []}', {}, "there is no field right"),
    ],
)
def test_what_is_not_as_described_is_told(google, path, body, answer, fault):
    for method in ("storage.buckets.list", "cloudresourcemanager.projects.testIamPermissions"):
        google.answer(method, answer)
    with pytest.raises(AssertionError, match=fault):
        ask(google, path, body)


@pytest.mark.parametrize("path", ["storage/nonsense", "storage/b/bucket"])
def test_a_method_that_is_none_or_has_no_answer_is_told(google, path):
    with pytest.raises(AssertionError, match="has no"):
        ask(google, path)
