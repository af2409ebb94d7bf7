"""What every test relies on."""

import pytest

import metaflow_gcp  # noqa: F401 - before any test imports cdktf: it makes the provider bindings lazy
from stacks.node import use_bundled_node

use_bundled_node()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first: at the end no worker waits for another one's last test."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
