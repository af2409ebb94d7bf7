"""What the pinned providers accept."""

import gzip
import json
from pathlib import Path

import pytest

SCHEMAS = Path(__file__).parents[3] / "rehearsal/schemas"


def _load(name):
    with gzip.open(SCHEMAS / name, "rt", encoding="utf-8") as file:
        return json.load(file)


@pytest.fixture(scope="session")
def schemas():
    """(`resource` or `data`, type) -> its block."""
    return {
        (kind, type_): schema["block"]
        for provider in _load("providers.schema.json.gz")["provider_schemas"].values()
        for kind, key in (("resource", "resource_schemas"), ("data", "data_source_schemas"))
        for type_, schema in provider.get(key, {}).items()
    }


@pytest.fixture(scope="session")
def constraints():
    """(`resource` or `data`, type) -> attribute, with dots -> what the provider checks in code."""
    return {
        (kind, type_): attributes
        for provider in _load("constraints.json.gz").values()
        for kind, key in (("resource", "resources"), ("data", "data_sources"))
        for type_, attributes in provider[key].items()
    }
