"""An alert: when it fires, and what to do then. Needs no Node."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["CRITICAL", "ERROR", "WARNING"]


@dataclass(frozen=True, kw_only=True)
class _Alert:
    id: str
    """The construct's id."""
    title: str
    """What is wrong, in a few words."""
    severity: Severity
    what_to_do: str
    """Markdown: it is in the message."""


@dataclass(frozen=True, kw_only=True)
class MetricAlert(_Alert):
    """Something is wrong as long as a query has a result."""

    query: str
    """PromQL. https://cloud.google.com/monitoring/promql"""
    minutes: int
    """How long it must have a result without a gap."""


@dataclass(frozen=True, kw_only=True)
class LogAlert(_Alert):
    """A log entry says that something went wrong."""

    filter: str
    """In the language of Cloud Logging. https://cloud.google.com/logging/docs/view/logging-query-language"""
