"""Each alert fires when it should, and stays silent when it is nearly so; no query names what does not exist."""

import re

import promql_parser as parser
import pytest

from metaflow_gcp.google.monitoring.alert import LogAlert, MetricAlert
from metaflow_gcp.metaflow.observability import dashboard, metrics
from metaflow_gcp.metaflow.observability.alerts.every import alerts
from metaflow_gcp.metaflow.observability.watched import Watched
from scripts import dashboard_picture, observability_page
from tests.library.metaflow.observability.cases import CASES
from tests.library.metaflow.observability.promql import firing

WATCHED = Watched(
    project="p",
    cluster="c",
    services="metaflow",
    jobs="jobs",
    controllers="argo",
    workflows=True,
    events=True,
    max_nodes={"cpu": 10, "l4": 2},
    database="psql",
    max_connections=100,
    bucket="b",
    certificate=True,
)
ALERTS = {alert.id: alert for alert in alerts(WATCHED)}
OF_METRICS = {id_: alert for id_, alert in ALERTS.items() if isinstance(alert, MetricAlert)}
QUERIES = [
    *(alert.query for alert in OF_METRICS.values()),
    *(query for tile in dashboard.tiles(WATCHED) for query in tile.queries),
]
KNOWN = {metrics.name(metric): metrics.labels(metric) for metric in metrics.document()["metrics"]}


def test_every_alert_has_its_series():
    assert CASES.keys() == OF_METRICS.keys()
    assert len(ALERTS) >= 12


@pytest.mark.parametrize("id_", CASES)
def test_it_fires_when_it_should_and_not_before(id_):
    alert = OF_METRICS[id_]
    fires = firing(alert.query, alert.minutes, CASES[id_].fires)
    assert fires
    assert fires[0] >= alert.minutes


@pytest.mark.parametrize("id_", CASES)
def test_it_is_silent_when_it_is_nearly_so(id_):
    alert = OF_METRICS[id_]
    assert firing(alert.query, alert.minutes, CASES[id_].silent) == []


def selectors(query):
    found = []
    parser.walk(
        parser.parse(query), lambda node: found.append(node) if type(node).__name__ == "VectorSelector" else None
    )
    return found


@pytest.mark.parametrize("query", QUERIES)
def test_it_asks_for_metrics_and_labels_that_exist(query):
    asked = selectors(query)
    assert asked
    for selector in asked:
        assert {each.name for each in selector.matchers.matchers} <= KNOWN[selector.name], selector.name
    grouped = {name for group in re.findall(r"\b(?:by|on|group_left) \(([^)]+)\)", query) for name in group.split(", ")}
    assert grouped <= frozenset().union(*(KNOWN[selector.name] for selector in asked))


def test_every_metric_of_the_list_is_asked_for_and_has_a_source():
    assert {selector.name for query in QUERIES for selector in selectors(query)} == KNOWN.keys()
    facts = metrics.document()
    assert {metric["source"] for metric in facts["metrics"].values()} == facts["sources"].keys()
    for source in facts["sources"].values():
        assert source["url"].startswith("https://")
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", source["date"])


def test_a_metric_that_is_not_in_the_list_is_refused():
    with pytest.raises(KeyError):
        metrics.series("kubernetes.io/node/gpu/total")


def test_each_says_what_to_do():
    for alert in ALERTS.values():
        assert len(alert.what_to_do) > 100, alert.id
        assert "`" in alert.what_to_do, alert.id


def test_log_alerts_ask_for_failures_of_the_platform_s_own():
    """https://cloud.google.com/sql/docs/postgres/backup-recovery/view-audit-logs-for-automated-backups."""
    backup, certificate = (ALERTS[id_] for id_ in ("database-backup", "certificate"))
    assert isinstance(backup, LogAlert)
    assert isinstance(certificate, LogAlert)
    assert 'database_id="p:psql"' in backup.filter
    assert '"STATUS_SUCCEEDED"' not in backup.filter
    assert '"STATUS_FAILED" OR "STATUS_ATTEMPT_FAILED"' in backup.filter
    assert '"CLOSE_TO_EXPIRY" OR "EXPIRED"' in certificate.filter


def test_the_page_lists_them():
    text = observability_page.PAGE.read_text("utf-8")
    assert observability_page.page(text) == text, "run: python scripts/observability_page.py"


def test_the_picture_shows_every_tile():
    drawn = dashboard_picture.PICTURE.read_text("utf-8")
    assert drawn == dashboard_picture.picture(), "run: python scripts/dashboard_picture.py"


def test_what_is_not_there_is_not_watched():
    few = Watched(project="p", cluster="c", services="metaflow", jobs="jobs", database="psql", bucket="b")
    gone = {"workflow", "event", "events", "sensors", "pool", "certificate", "database-connections"}
    left = {alert.id for alert in alerts(few)}
    assert ALERTS.keys() - left == {id_ for id_ in ALERTS if id_.partition("-")[0] in gone or id_ in gone}
    assert not [query for tile in dashboard.tiles(few) for query in tile.queries if "argo" in query]
