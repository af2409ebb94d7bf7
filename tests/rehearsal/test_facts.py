import gzip
import json
from pathlib import Path

import pytest
from tf.gen import tfplugin_pb2 as pb

from rehearsal import facts
from rehearsal.facts import PROVIDERS, Facts


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return facts.cache_file()


def document(provider):
    path = Path(facts.__file__).parent / "schemas" / "providers.schema.json.gz"
    return json.loads(gzip.decompress(path.read_bytes()))["provider_schemas"][f"{facts.REGISTRY}/hashicorp/{provider}"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_type_of_the_pinned_providers_is_served(provider):
    response = pb.GetProviderSchema.Response.FromString(Facts(provider).schema_response)
    assert set(response.resource_schemas) == set(document(provider).get("resource_schemas", {}))
    assert set(response.data_source_schemas) == set(document(provider).get("data_source_schemas", {}))
    assert response.server_capabilities.get_provider_schema_optional


@pytest.mark.parametrize("content", [b"", b"not a database", None])
def test_a_missing_or_broken_cache_is_made_again(cache, content):
    if content is not None:
        cache.write_bytes(content)
    assert Facts("helm", cache).schema("resource", "helm_release") is not None
    assert [each.name for each in cache.parent.iterdir()] == [cache.name]


def test_a_cache_is_not_made_twice(cache):
    Facts("helm", cache)
    before = cache.stat().st_mtime_ns
    Facts("google", cache)
    assert cache.stat().st_mtime_ns == before


def test_another_content_is_another_cache(cache, tmp_path, monkeypatch):
    other = tmp_path / "other.json"
    other.write_text("{}")
    monkeypatch.setattr(facts, "_SOURCES", (*facts._SOURCES, other))
    assert facts.cache_file() != cache


def test_words_around_a_pattern_are_cut_off():
    constraints = {
        "a": {"regexp": "the regular expression '^([0-9]+)$"},
        "b": {"regexp": 'regex "^[a-z]+$'},
        "c": {"regexp": '^([0-9]+|)$", got aaa'},
        "d": {"one_of": ["None"], "force_new": True},
    }
    assert facts._cleaned(constraints) == {
        "a": {"regexp": "^([0-9]+)$"},
        "b": {"regexp": "^[a-z]+$"},
        "c": {"regexp": "^([0-9]+|)$"},
        "d": {"force_new": True},
    }
