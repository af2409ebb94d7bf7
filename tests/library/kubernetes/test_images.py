import pytest

from metaflow_gcp.checks import Checks
from metaflow_gcp.kubernetes import images

DIGEST = "sha256:" + "0a" * 32


@pytest.mark.parametrize(
    "image",
    [
        "python:3.11",
        "netflixoss/metaflow_metadata_service:v2.5.0",
        "us-docker.pkg.dev/project/repository/image:v1",
        "localhost:5000/a__b/c--d:1",
        f"python@{DIGEST}",
        f"python:latest@{DIGEST}",
        "${TfToken[TOKEN.1]}",
    ],
)
def test_pinned_images_pass(image):
    checks = Checks()
    images.check_pinned(checks, "image", image)
    assert checks.problems == []


@pytest.mark.parametrize(
    ("image", "wrong"),
    [
        ("python", "has no tag"),
        ("localhost:5000/python", "has no tag"),
        ("python:latest", "whatever was pushed last"),
        ("Python:3.11", "not an image's name"),
        ("https://registry.example/python:3.11", "not an image's name"),
        ("python: 3.11", "not an image's name"),
        ("python@sha256:abc", "not an image's name"),
        ("", "not an image's name"),
    ],
)
def test_images_that_do_not_name_one_version_are_refused(image, wrong):
    checks = Checks()
    images.check_pinned(checks, "image", image)
    (problem,) = checks.problems
    assert repr(image) in problem.wrong
    assert wrong in problem.wrong
    assert "other than latest" in problem.allowed


@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("python:3.11", None),
        ("netflixoss/metaflow:1", None),
        ("quay.io/a/b:1", "quay.io"),
        ("localhost/a:1", "localhost"),
        ("host:5000/a:1", "host:5000"),
    ],
)
def test_the_registry_is_what_docker_takes_for_it(image, registry):
    assert images.registry_of(image) == registry
