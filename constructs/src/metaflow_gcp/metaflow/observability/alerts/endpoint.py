"""The endpoint. Needs no Node."""

from metaflow_gcp.google.monitoring.alert import LogAlert


def certificate() -> LogAlert:
    """The log has an entry a day, from 5 to 10 days before."""
    return LogAlert(
        id="certificate",
        title="The endpoint's certificate is about to expire",
        severity="ERROR",
        # https://cloud.google.com/certificate-manager/docs/logs-metrics#configure_log_alerts
        filter='log_id("certificatemanager.googleapis.com/certificates_expiry")'
        ' AND jsonPayload.state=("CLOSE_TO_EXPIRY" OR "EXPIRED")',
        what_to_do="""\
Google renews it by itself while its names lead to the load balancer. `metaflow-gcp status` prints the records
that they need; docs/endpoint.md says how to look at the certificate.""",
    )
