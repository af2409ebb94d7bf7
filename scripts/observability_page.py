"""Writes the list of alerts in docs/observability.md.

    python scripts/observability_page.py

A test compares it with what this would write.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from metaflow_gcp.google.monitoring.alert import MetricAlert
from metaflow_gcp.metaflow.observability.alerts.every import alerts
from metaflow_gcp.metaflow.observability.watched import Watched
from scripts import marked

PAGE = Path(__file__).parents[1] / "docs" / "observability.md"
WATCHED = Watched(
    project="acme-metaflow",
    cluster="gke-metaflow-default",
    services="metaflow",
    jobs="metaflow-jobs",
    controllers="argo",
    workflows=True,
    events=True,
    max_nodes={"cpu": 10, "l4": 5},
    database="psql-metaflow-default",
    max_connections=100,
    bucket="storage-acme-acme-metaflow-metaflow-default",
    certificate=True,
)


def table() -> str:
    rows = ["| alert | severity | after |", "|---|---|---|"]
    for alert in alerts(WATCHED):
        after = f"{alert.minutes} minutes" if isinstance(alert, MetricAlert) else "its log entry"
        rows.append(f"| {alert.title} | {alert.severity.lower()} | {after.replace('1 minutes', 'a minute')} |")
    return "\n".join(rows)


def main() -> None:
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")


def page(text: str) -> str:
    return marked.put(text, "observability_page.py", table() + "\n")


if __name__ == "__main__":
    main()
