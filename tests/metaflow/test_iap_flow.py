"""A flow through Identity-Aware Proxy, shorter than the one of `make iap-flow`."""

import pytest

from tests.metaflow.iap_flow import run

pytestmark = pytest.mark.long


def test_a_flow_outlives_its_token(tmp_path):
    ended = run(tmp_path, seconds=4, life=2)
    assert "it is done" in ended.said
    assert ended.tokens > 2
    assert ("POST", "/flows/SlowFlow/run") in ended.passed
    # Whatever was refused, for a machine that is busy, was sent again with a new token.
    assert set(ended.refused) <= {"expired"}
