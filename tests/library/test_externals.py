"""How images are named that live elsewhere, and their digests once they are known."""

import json

import pytest

from metaflow_gcp import externals

DIGEST = f"sha256:{'0f' * 32}"


@pytest.fixture
def resolved(tmp_path, monkeypatch):
    """The file, with one digest."""
    document = json.loads(externals._FILE.read_text("utf-8"))
    document["images"]["nats"]["digest"] = DIGEST
    file = tmp_path / "externals.json"
    file.write_text(json.dumps(document))
    monkeypatch.setattr(externals, "_FILE", file)
    externals.document.cache_clear()
    yield
    externals.document.cache_clear()


def test_without_a_digest_an_image_is_pulled_by_its_tag():
    assert externals.document()["images"]["hooks"]["digest"] is None
    assert externals.image("hooks") == externals.name("hooks")


@pytest.mark.usefixtures("resolved")
def test_an_image_is_pulled_by_its_digest_as_soon_as_that_is_known():
    name = externals.name("nats")
    assert externals.image("nats") == f"{name}@{DIGEST}"
    assert externals.tag("nats") == name.rpartition(":")[2]


@pytest.mark.usefixtures("resolved")
def test_names_in_settings_get_the_digest_when_they_are_ours():
    full = externals.name("nats")
    assert externals.pinned(full) == f"{full}@{DIGEST}"
    assert externals.pinned(externals.short(full)) == f"{externals.short(full)}@{DIGEST}"
    for another in ("nats:2.11.0", "ghcr.io/library/nats:2.10.10", f"{full}@sha256:{'aa' * 32}"):
        assert externals.pinned(another) == another


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("docker.io/library/python:3.11", "python:3.11"),
        ("docker.io/nvidia/cuda:1", "nvidia/cuda:1"),
        ("quay.io/argoproj/argocli:v3", "quay.io/argoproj/argocli:v3"),
    ],
)
def test_a_short_name_is_as_people_write_it(full, short):
    assert externals.short(full) == short
