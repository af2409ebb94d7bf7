"""Entries of Cloud Logging, oldest first."""

from collections.abc import Iterator, Mapping
from typing import Any

from metaflow_gcp_tools.clients import google as google_apis
from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered
from metaflow_gcp_tools.platform.description import Platform

PAGE = 1000
MAX_PAGES = 50
"""50,000 entries, and no more: Google answers 60 of these requests a minute.
https://cloud.google.com/logging/quotas"""

VIEW = "metaflow-tasks"
"""A view of the logs that an administrator may open to people who run flows: docs/commands/logs.md."""

TIMEOUT_SECONDS = 60.0


def read(platform: Platform, query: str) -> Iterator[Mapping[str, Any]]:
    """What answers the query: of the whole project, or where that is not allowed, of the view for tasks.

    Raises `Unanswered`.
    """
    try:
        yield from _pages(f"projects/{platform.project}", query)
    except Unanswered as error:
        if error.cause is not Cause.FORBIDDEN:
            raise
        view = f"projects/{platform.project}/locations/global/buckets/_Default/views/{VIEW}"
        try:
            yield from _pages(view, query)
        except Unanswered as of_view:
            if of_view.cause not in {Cause.FORBIDDEN, Cause.NOT_FOUND}:
                raise
            raise error.but(
                what=f"you have no permission to read the logs of the project {platform.project}",
                next_step=f"ask an administrator for roles/logging.viewer, or for access to the log view {VIEW} "
                "(docs/commands/logs.md)",
            ) from None


def _pages(resource: str, query: str) -> Iterator[Mapping[str, Any]]:
    body = {"resourceNames": [resource], "filter": query, "orderBy": "timestamp asc", "pageSize": PAGE}
    for _ in range(MAX_PAGES):
        answer = google_apis.call("logging.entries.list", timeout=TIMEOUT_SECONDS, body=body)
        yield from answer.get("entries", ())
        if not answer.get("nextPageToken"):
            return
        body["pageToken"] = answer["nextPageToken"]


def text(entry: Mapping[str, Any]) -> str:
    """What was written."""
    if "textPayload" in entry:
        return str(entry["textPayload"]).rstrip("\n")
    payload = entry.get("jsonPayload", {})
    return str(payload.get("message", payload)).rstrip("\n")


def node(entry: Mapping[str, Any]) -> str:
    """Where it was written; empty when the entry does not say."""
    return str(entry.get("labels", {}).get("compute.googleapis.com/resource_name", ""))
