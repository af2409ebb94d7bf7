"""What Cloud Logging has of pods that are gone: Kubernetes keeps events for an hour, Cloud Logging for 30 days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from metaflow_gcp_tools.commands.tasks import entries, query
from metaflow_gcp_tools.commands.tasks.attempts import Attempt
from metaflow_gcp_tools.platform.description import Platform

BEFORE_THE_START = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class History:
    nodes: Mapping[str, str] = field(default_factory=dict)
    """Pod -> node."""
    events: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """Pod -> reasons and messages, oldest first."""
    preempted: frozenset[str] = frozenset()
    """Nodes that Google took back."""


def read(platform: Platform, attempts: Iterable[Attempt]) -> History:
    """Raises `Unanswered`."""
    gone = [each for each in attempts if each.pod is None and each.pods]
    names = [name for each in gone for name in each.pods]
    starts = [each.started for each in gone if each.started]
    since = min(starts) - BEFORE_THE_START if starts else None
    nodes: dict[str, str] = {}
    events: dict[str, list[tuple[str, str]]] = {}
    for start in range(0, len(names), query.PODS):
        asked = query.events(platform, pods=names[start : start + query.PODS], since=since)
        for entry in entries.read(platform, asked):
            pod, payload = entry["resource"]["labels"]["pod_name"], entry.get("jsonPayload", {})
            reason, message = payload.get("reason", ""), payload.get("message", "")
            events.setdefault(pod, []).append((reason, message))
            # Successfully assigned metaflow-jobs/t-1 to gke-...
            if reason == "Scheduled":
                nodes[pod] = message.rpartition(" to ")[2]
    lost = sorted({nodes[name] for each in gone if each.succeeded is None for name in each.pods if name in nodes})
    taken = entries.read(platform, query.preempted(lost, since)) if lost else ()
    preempted = frozenset(each["protoPayload"]["resourceName"].rpartition("/")[2] for each in taken)
    return History(nodes=nodes, events=events, preempted=preempted)
