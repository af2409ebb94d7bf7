import json

import pytest

from rehearsal.protocol.errors import Refused

QUERY = {"query": "up == 0", "disable_metric_validation": True}
LIMIT = [{"notification_rate_limit": [{"period": "3600s"}]}]
DASHBOARD, POLICY = "google_monitoring_dashboard", "google_monitoring_alert_policy"


@pytest.fixture
def monitoring(google, cloud):
    cloud.enable("acme", "monitoring.googleapis.com")
    return google


def policy(strategy=(), **condition):
    return {
        "display_name": "It",
        "combiner": "OR",
        "conditions": [{"display_name": "It", **{key: [value] for key, value in condition.items()}}],
        "alert_strategy": list(strategy),
    }


def test_a_query_about_metrics_that_nobody_writes_is_refused(monitoring):
    monitoring.create(POLICY, **policy(condition_prometheus_query_language=QUERY))
    looked_at = QUERY | {"disable_metric_validation": False}
    with pytest.raises(Refused, match="Cannot find metric"):
        monitoring.create(POLICY, **policy(condition_prometheus_query_language=looked_at))


def test_only_what_logs_say_is_limited_and_it_must_be(monitoring):
    monitoring.create(POLICY, **policy(LIMIT, condition_matched_log={"filter": "x"}))
    with pytest.raises(Refused, match="must be specified"):
        monitoring.create(POLICY, **policy(condition_matched_log={"filter": "x"}))
    with pytest.raises(Refused, match="may only be specified"):
        monitoring.create(POLICY, **policy(LIMIT, condition_prometheus_query_language=QUERY))


def test_a_zero_in_a_dashboard_is_a_change_for_ever(monitoring):
    """As with Google's: the API drops it, and the provider compares what is left."""
    for place, same in (({"xPos": 4}, True), ({"xPos": 0}, False)):
        given = {"dashboard_json": json.dumps({"displayName": "It", "tiles": [place]})}
        state = monitoring.read(DASHBOARD, monitoring.create(DASHBOARD, **given))
        assert (monitoring.plan(DASHBOARD, state, **given) == state) is same


def test_two_channels_of_one_address_are_two(monitoring):
    kind = "google_monitoring_notification_channel"
    one, two = (monitoring.create(kind, type="email", labels={"email_address": "a@b.org"}) for _ in range(2))
    assert one["name"] != two["name"]
