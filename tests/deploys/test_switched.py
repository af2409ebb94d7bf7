"""The address, and dashboard and alerts, are on, off, and on again: nothing stays behind, and nothing else changes."""

import json

import pytest

pytestmark = pytest.mark.long

MINE = {"METAFLOW_GCP_DELETION_PROTECTION": "false", "METAFLOW_GCP_ACCESS": json.dumps({"users": ["user:a@b.org"]})}
ON = {"METAFLOW_GCP_ENDPOINT__ENABLED": "true"}
OFF = {"METAFLOW_GCP_OBSERVABILITY__ENABLED": "false"}
"""The other one is off, or on, by default."""
GOOGLE = "google_endpoints_service"
ENDPOINT = {
    GOOGLE,
    "google_certificate_manager_certificate",
    "google_certificate_manager_certificate_map",
    "google_certificate_manager_certificate_map_entry",
    "google_compute_backend_service",
    "google_compute_global_address",
    "google_compute_global_forwarding_rule",
    "google_compute_health_check",
    "google_compute_instance_group_named_port",
    "google_compute_security_policy",
    "google_compute_ssl_policy",
    "google_compute_target_http_proxy",
    "google_compute_target_https_proxy",
    "google_compute_url_map",
    "google_iap_web_backend_service_iam_member",
}
OBSERVABILITY = {"google_monitoring_alert_policy", "google_monitoring_dashboard"}


def names(world):
    return {id_ for kind, id_ in world.exists() if kind == GOOGLE}


def test_on_off_and_on_again(world):
    world = world(**MINE)
    before = world.exists()
    world.deploy(**ON)
    assert world.changes() == []
    on, first = world.exists(), names(world)
    assert len(first) == 3
    world.deploy(**OFF)
    assert world.changes() == []
    off = world.exists()
    gone = {kind for kind, _ in on} - {kind for kind, _ in off}
    assert {kind for kind in gone if kind.startswith("google_")} == ENDPOINT | OBSERVABILITY
    assert [id_ for kind, id_ in on - off if kind == "helm_release"] == ["argo/metaflow-metrics"]
    # Google keeps the names of deleted services for 30 days: the new ones are others.
    world.deploy(**ON)
    assert world.changes() == []
    assert len(names(world)) == 3
    assert not names(world) & first
    world.destroy()
    assert world.exists() == before
