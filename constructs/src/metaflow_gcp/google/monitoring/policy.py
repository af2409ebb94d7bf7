"""Alert policies: a condition, how long it must hold, and what to do then."""

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_google import monitoring_alert_policy as policy
from constructs import Construct

from metaflow_gcp.google.monitoring.alert import LogAlert, MetricAlert

_EVERY = "60s"
"""How often a query is evaluated: Google's metrics are sampled once a minute, and each evaluation is charged."""
_CLOSED_AFTER = "86400s"
_MAILS_AT_MOST_EVERY = "3600s"


def add(
    scope: Construct,
    alert: MetricAlert | LogAlert,
    *,
    project: str,
    name: str,
    channels: Sequence[str],
    labels: Mapping[str, str],
) -> policy.MonitoringAlertPolicy:
    """The policy of one alert. `name` goes before its title."""
    of_log = isinstance(alert, LogAlert)
    return policy.MonitoringAlertPolicy(
        scope,
        alert.id,
        project=project,
        display_name=f"{name}: {alert.title}",
        severity=alert.severity,
        combiner="OR",
        conditions=[_condition(alert)],
        documentation=policy.MonitoringAlertPolicyDocumentation(
            subject=f"{name}: {alert.title}", content=alert.what_to_do, mime_type="text/markdown"
        ),
        alert_strategy=policy.MonitoringAlertPolicyAlertStrategy(
            # Of a log entry nothing says that it is over.
            auto_close=_CLOSED_AFTER,
            # Required of a log's, and not allowed with others.
            notification_rate_limit=policy.MonitoringAlertPolicyAlertStrategyNotificationRateLimit(
                period=_MAILS_AT_MOST_EVERY
            )
            if of_log
            else None,
        ),
        notification_channels=list(channels) or None,
        user_labels=dict(labels) or None,
    )


def _condition(alert: MetricAlert | LogAlert) -> policy.MonitoringAlertPolicyConditions:
    if isinstance(alert, LogAlert):
        return policy.MonitoringAlertPolicyConditions(
            display_name=alert.title,
            condition_matched_log=policy.MonitoringAlertPolicyConditionsConditionMatchedLog(filter=alert.filter),
        )
    return policy.MonitoringAlertPolicyConditions(
        display_name=alert.title,
        condition_prometheus_query_language=policy.MonitoringAlertPolicyConditionsConditionPrometheusQueryLanguage(
            query=alert.query,
            duration=f"{alert.minutes * 60}s",
            evaluation_interval=_EVERY,
            # A metric that nothing has written yet does not exist for Cloud Monitoring, which then refuses the policy
            # with 404: those of GPUs before the first GPU node, all of Prometheus' before the cluster is there.
            disable_metric_validation=True,
        ),
    )
