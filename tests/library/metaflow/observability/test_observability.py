import json

import pytest

from metaflow_gcp.checks import InvalidProperties
from metaflow_gcp.google.gke.cluster import ExistingCluster
from metaflow_gcp.metaflow.observability.collection import MetricsCollection, MetricsCollectionProps
from metaflow_gcp.metaflow.observability.observability import MONITORING_COMPONENTS, Observability, ObservabilityProps
from tests.tools.discovery import api

MINIMAL = {
    "project": "some-project",
    "name": "Metaflow default",
    "cluster": ExistingCluster(project="some-project", name="gke", location="us-west1"),
    "services_namespace": "metaflow",
    "jobs_namespace": "metaflow-jobs",
    "controllers_namespace": "argo",
    "argo_workflows": True,
    "argo_events": True,
    "database": "psql",
    "max_connections": 100,
    "bucket": "some-bucket",
    "certificate": True,
}
NOTIFY = (
    "mailto:oncall@example.com",
    "slack:#alerts",
    "pagerduty:pagerduty-key",
    "pubsub:projects/some-project/topics/alerts",
)
BUDGET = {"billing_account": "012345-6789AB-CDEF01", "monthly_budget": 500}
POLICY, CHANNEL = "google_monitoring_alert_policy", "google_monitoring_notification_channel"


@pytest.fixture
def observability(synthesize):
    def observability(**properties):
        def build(scope):
            made = Observability(scope, "observability", ObservabilityProps(**MINIMAL | properties))
            parts = [made, *(each for each in made.node.find_all() if hasattr(each, "requirements"))]
            return {"apis": sorted(api for each in parts for api in each.requirements.apis)}

        return synthesize(build)

    return observability


@pytest.fixture
def wrong():
    def wrong(**properties):
        with pytest.raises(InvalidProperties) as raised:
            ObservabilityProps(**MINIMAL | properties)
        return str(raised.value)

    return wrong


def test_by_default_nobody_is_told_and_no_money_is_watched(observability):
    stack = observability()
    assert not stack[CHANNEL] | stack["google_billing_budget"]
    assert all("notification_channels" not in each for each in stack[POLICY].values())
    assert "billingbudgets.googleapis.com" not in stack.values["apis"]


def test_the_dashboard_is_one_that_the_api_describes(observability):
    """Google's own description of it, version 1."""
    [dashboard] = observability()["google_monitoring_dashboard"].values()
    document = json.loads(dashboard["dashboard_json"])
    method = "monitoring.projects.dashboards.get"
    assert api("monitoring", "v1").faults_of_answer(method, document) == []
    broken = json.loads(dashboard["dashboard_json"].replace("prometheusQuery", "promQuery"))
    assert "there is no field promQuery" in api("monitoring", "v1").faults_of_answer(method, broken)[0]


def test_the_dashboard_says_nothing_that_the_api_would_drop(observability):
    """Else every plan would show a change: removeComputedKeys in the provider's resource_monitoring_dashboard.go."""
    [dashboard] = observability()["google_monitoring_dashboard"].values()

    def values(part):
        if isinstance(part, dict | list):
            for each in part.values() if isinstance(part, dict) else part:
                yield each
                yield from values(each)

    assert not [each for each in values(json.loads(dashboard["dashboard_json"])) if each in (0, "", [], {})]


def test_no_two_tiles_overlap_and_none_is_beyond_the_edge(observability):
    [dashboard] = observability()["google_monitoring_dashboard"].values()
    layout = json.loads(dashboard["dashboard_json"])["mosaicLayout"]
    taken = [
        (column, row)
        for tile in layout["tiles"]
        for column in range(tile.get("xPos", 0), tile.get("xPos", 0) + tile["width"])
        for row in range(tile.get("yPos", 0), tile.get("yPos", 0) + tile["height"])
    ]
    assert len(taken) == len(set(taken))
    assert max(column for column, _ in taken) < layout["columns"]


def test_policies_wait_for_no_metric_and_limit_only_what_logs_say(observability):
    """Cloud Monitoring refuses a query about metrics that nobody has written yet, unless told not to look."""
    for path, policy in observability()[POLICY].items():
        [condition] = policy["conditions"]
        query = condition.get("condition_prometheus_query_language")
        assert ("condition_matched_log" in condition) is (query is None), path
        assert ("notification_rate_limit" in policy["alert_strategy"]) is (query is None), path
        if query:
            assert query["disable_metric_validation"] is True
        assert policy["documentation"]["content"]
        assert policy["severity"] in ("CRITICAL", "ERROR", "WARNING")


def test_channels_are_those_of_the_addresses(observability, holds):
    stack = observability(notify=NOTIFY, slack_token_secret="slack-token", labels={"team": "ml"})
    made = stack[CHANNEL]
    prefix = "observability/channels/"
    holds(made[f"{prefix}mailto-oncall-at-example.com"], {"type": "email"})
    holds(made[f"{prefix}mailto-oncall-at-example.com"]["labels"], {"email_address": "oncall@example.com"})
    slack, pagerduty = made[f"{prefix}slack-alerts"], made[f"{prefix}pagerduty-pagerduty-key"]
    assert slack["labels"] == {"channel_name": "#alerts"}
    assert "slack-token" in slack["sensitive_labels"]["auth_token"]
    assert "labels" not in pagerduty
    assert "key" in pagerduty["sensitive_labels"]["service_key"]
    [(_, grant)] = stack["google_pubsub_topic_iam_member"].items()
    assert grant["member"].endswith("@gcp-sa-monitoring-notification.iam.gserviceaccount.com")
    assert (grant["project"], grant["topic"]) == ("some-project", "alerts")
    for policy in stack[POLICY].values():
        assert len(policy["notification_channels"]) == len(NOTIFY)
        assert policy["user_labels"] == {"team": "ml"}
    assert {"pubsub.googleapis.com", "secretmanager.googleapis.com"} <= set(stack.values["apis"])


def test_an_address_that_is_added_leaves_the_others_alone(observability):
    one, two = (observability(notify=notify)[CHANNEL] for notify in (NOTIFY[:1], ("mailto:a@b.org", *NOTIFY[:1])))
    assert one.items() <= two.items()


def test_a_budget_is_the_projects_by_number_and_mails_to_five_at_most(observability):
    mails = tuple(f"mailto:a{number}@example.com" for number in range(7))
    stack = observability(notify=mails, **BUDGET)
    [budget] = stack["google_billing_budget"].values()
    assert budget["budget_filter"]["projects"] == [
        "projects/${data.google_project.<observability/budget/project>.number}"
    ]
    assert budget["amount"]["specified_amount"] == {"units": "500"}
    assert [each["threshold_percent"] for each in budget["threshold_rules"]] == [0.5, 0.9, 1, 1]
    assert len(budget["all_updates_rule"]["monitoring_notification_channels"]) == 5
    [alone] = observability(**BUDGET)["google_billing_budget"].values()
    assert "all_updates_rule" not in alone


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"notify": ("oncall@example.com",)}, 'write "mailto:oncall@example.com"'),
        ({"notify": ("sms:+1555",)}, "not an address that alerts can be sent to"),
        ({"notify": ("pubsub:alerts",)}, "pubsub:projects/PROJECT/topics/TOPIC"),
        ({"notify": ("mailto:a@b.org", "mailto:a@b.org")}, "named twice"),
        ({"notify": ("slack:#alerts",)}, "notify names a Slack channel"),
        ({"slack_token_secret": "token"}, "notify names no Slack channel"),
        ({"billing_account": "billingAccounts/012345-6789AB-CDEF01", "monthly_budget": 5}, "without billingAccounts/"),
        ({"billing_account": "012345-6789AB-CDEF01"}, "set monthly_budget, or remove billing_account"),
        ({"monthly_budget": 5}, "set billing_account, or remove monthly_budget"),
        ({"monthly_budget": 0, "billing_account": "012345-6789AB-CDEF01"}, "monthly_budget"),
    ],
)
def test_what_is_wrong_is_said_with_the_fix(wrong, properties, said):
    assert said in wrong(**properties)


def test_components_are_those_whose_metrics_are_asked_for():
    assert MONITORING_COMPONENTS == ("SYSTEM_COMPONENTS", "POD", "DEPLOYMENT", "STATEFULSET", "DCGM")


def test_collected_is_what_is_asked_for_and_nothing_else(synthesize):
    """Each sample is charged."""

    def build(scope):
        MetricsCollection(scope, "metrics", MetricsCollectionProps(namespace="argo", jobs_namespace="jobs"))
        return {}

    [release] = synthesize(build)["helm_release"].values()
    targets = {each["name"]: each for each in json.loads(release["values"][0])["targets"]}
    assert targets["argo-workflows-controller"]["metrics"] == [
        "argo_workflows_gauge",
        "argo_workflows_queue_depth_gauge",
        "argo_workflows_error_count",
    ]
    assert targets["events-webhook"]["metrics"] == ["argo_events_events_sent_failed_total"]
    with pytest.raises(InvalidProperties, match="nothing to collect"):
        MetricsCollectionProps(namespace="argo", jobs_namespace="jobs", workflows=False, events=False)
