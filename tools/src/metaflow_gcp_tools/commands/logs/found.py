"""Where the logs of a run are in Cloud Logging, and what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from metaflow_gcp_tools.commands.tasks import entries, query, seen
from metaflow_gcp_tools.commands.tasks.attempts import Attempt
from metaflow_gcp_tools.commands.tasks.pathspec import Pathspec
from metaflow_gcp_tools.platform.description import Platform
from metaflow_gcp_tools.problems import CommandFailed

BEFORE_THE_START = timedelta(hours=1)
"""A pod writes before Metaflow knows of the task: it fetches the code, and installs packages."""

KEPT = timedelta(days=30)
"""How long Cloud Logging keeps logs unless told otherwise: https://cloud.google.com/logging/quotas"""


@dataclass(frozen=True, kw_only=True)
class Where:
    queries: tuple[str, ...]
    links: tuple[str, ...]
    attempts: tuple[Attempt, ...]
    problem: CommandFailed | None
    """What kept Metaflow's metadata from being seen."""


@dataclass(frozen=True, kw_only=True)
class Line:
    time: str
    pod: str
    container: str
    text: str


def where(platform: Platform, path: Pathspec, api: Any) -> Where:
    """Raises `CommandFailed` when no pod of the run is known, and none can be asked for."""
    found = seen.of_run(platform, path, api, "logs")
    pods = list(dict.fromkeys(name for each in found.attempts for name in each.pods))
    # All of a deployed flow's run: also pods that Metaflow never heard of.
    whole = path.workflow if not path.step else ""
    if not (pods or whole):
        raise found.problem or CommandFailed.of(
            what=f"no pods found for {path}: neither the metadata service nor the cluster knows any",
            next_step="check the path (FLOW/RUN/STEP/TASK); steps that ran elsewhere have no pods here",
        )
    starts = [each.started for each in found.attempts if each.started]
    since = (min(starts) - BEFORE_THE_START) if starts else datetime.now(UTC) - KEPT
    chunks = [[]] if whole else [pods[start : start + query.PODS] for start in range(0, len(pods), query.PODS)]
    queries = tuple(query.logs(platform, pods=chunk, workflow=whole, since=since) for chunk in chunks)
    return Where(
        queries=queries,
        links=tuple(query.link(platform, each) for each in queries),
        attempts=found.attempts,
        problem=found.problem,
    )


def lines(platform: Platform, where: Where) -> Sequence[Line]:
    """Oldest first. Raises `Unanswered`, for who may not read them with what else there is."""
    found = [
        Line(
            time=str(entry["timestamp"]),
            pod=entry["resource"]["labels"]["pod_name"],
            container=entry["resource"]["labels"]["container_name"],
            text=entries.text(entry),
        )
        for each in where.queries
        for entry in entries.read(platform, each)
    ]
    # A query answers in this order; several have to be merged.
    return sorted(found, key=_time)


def _time(line: Line) -> tuple[str, str]:
    """Seconds, and as many digits of a fraction as the time needed."""
    seconds, _, fraction = line.time.rstrip("Z").partition(".")
    return seconds, fraction
