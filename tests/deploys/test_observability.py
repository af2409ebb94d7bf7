"""Dashboard and alerts are switched off and on again: nothing stays behind, and nothing else changes."""

import pytest

pytestmark = pytest.mark.long

MINE = {"METAFLOW_GCP_DELETION_PROTECTION": "false"}
OFF = {"METAFLOW_GCP_OBSERVABILITY__ENABLED": "false"}
KINDS = {"google_monitoring_alert_policy", "google_monitoring_dashboard"}
"""Of which there is nothing while it is off."""


def test_off_and_on_again(world):
    world = world(**MINE)
    before = world.exists()
    world.deploy()
    assert world.changes() == []
    on = world.exists()
    world.deploy(**OFF)
    assert world.changes() == []
    gone = on - world.exists()
    assert {kind for kind, _ in gone if kind.startswith("google_")} == KINDS
    assert not KINDS & {kind for kind, _ in world.exists()}
    assert [id_ for kind, id_ in gone if kind == "helm_release"] == ["argo/metaflow-metrics"]
    world.deploy()
    assert world.changes() == []
    world.destroy()
    assert world.exists() == before
