"""Cloud Monitoring: dashboards, alert policies, and who hears of them. Google names all of them itself."""

import json
from typing import Any

from rehearsal.cloud.google.kind import Kind, State
from rehearsal.cloud.google.references import NEEDS
from rehearsal.cloud.google.request import Request

CHANNEL = "google_monitoring_notification_channel"
_ONE_CONDITION = ("condition_matched_log", "condition_prometheus_query_language")


def log_alerts(request: Request) -> None:
    """One limits how often it notifies, the others may not.

    https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies#AlertStrategy
    """
    of_log = [each for each in request.get("conditions", []) if each.get("condition_matched_log")]
    limited = bool(request.get("alert_strategy.notification_rate_limit"))
    if bool(of_log) != limited:
        wanted = "must" if of_log else "may only"
        raise request.refuse(
            "googleapi: Error 400: Field alert_strategy.notification_rate_limit had an invalid value: "
            f"notification_rate_limit {wanted} be specified for log-based alert policies., badRequest",
            path=("alert_strategy",),
        )


def metrics_exist(request: Request) -> None:
    """Where a query is validated, Cloud Monitoring wants to have seen its metrics: here nobody writes any."""
    for each in request.get("conditions", []):
        for query in each.get("condition_prometheus_query_language") or []:
            if not query.get("disable_metric_validation"):
                raise request.refuse(
                    "googleapi: Error 404: Cannot find metric(s) that match the query. If a metric was created "
                    "recently, it could take up to 10 minutes to become available., notFound",
                    path=("conditions",),
                )


def without_zeros(state: State) -> State:
    """The API answers without what is zero, false or empty."""
    try:
        given = json.loads(state["dashboard_json"])
    except ValueError:
        return state
    return {**state, "dashboard_json": json.dumps(_nonzero(given))}


def _nonzero(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _nonzero(each) for key, each in value.items() if each not in (0, False, "", [])}
    return [_nonzero(each) for each in value] if isinstance(value, list) else value


KINDS = [
    Kind(type=CHANNEL, path="projects/{{project}}/notificationChannels/{{name}}", attributed=False),
    Kind(
        type="google_monitoring_alert_policy",
        path="projects/{{project}}/alertPolicies/{{name}}",
        references={"notification_channels": (CHANNEL, NEEDS)},
        rules=(log_alerts, metrics_exist),
        attributed=False,
    ),
    Kind(
        type="google_monitoring_dashboard",
        path="projects/{{project}}/dashboards/{{id}}",
        later=lambda cloud, state: without_zeros(state),
    ),
]
