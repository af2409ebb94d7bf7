"""What became of a run's tasks: where each ran, how it ended and why, and what that cost."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from metaflow_gcp_tools.clients.unanswered import Unanswered
from metaflow_gcp_tools.commands.status import endings, history, pools, share, waiting
from metaflow_gcp_tools.commands.status.endings import Ending
from metaflow_gcp_tools.commands.status.history import History
from metaflow_gcp_tools.commands.status.reading import ASK_USERS, Reader, Unknown
from metaflow_gcp_tools.commands.status.why import PATIENT, Why
from metaflow_gcp_tools.commands.tasks import seen
from metaflow_gcp_tools.commands.tasks.attempts import Attempt
from metaflow_gcp_tools.commands.tasks.pathspec import Pathspec
from metaflow_gcp_tools.platform.description import Platform
from metaflow_gcp_tools.prices import current, node as nodes
from metaflow_gcp_tools.prices.book import Book
from metaflow_gcp_tools.problems import CommandFailed

State = Literal["succeeded", "failed", "running", "waiting", "lost"]
"""`lost`: its pod is gone, and Metaflow never heard how it ended."""


_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Task:
    """An attempt of one."""

    attempt: Attempt
    state: State
    why: Ending | Why | None
    """Of what failed, is lost or waits."""
    node: str
    """Empty: not known."""
    pool: str
    cost: float | None
    """So far; `None`: not known."""
    at_most: bool
    """The cost is that of the whole node: what the task asked for is no longer known."""

    @property
    def name(self) -> str:
        return f"{self.attempt.step}/{self.attempt.task}" if self.attempt.task else self.attempt.step

    @property
    def wrong(self) -> bool:
        return self.state in {"failed", "lost"} or (self.state == "waiting" and not self.patient)

    @property
    def patient(self) -> bool:
        return isinstance(self.why, Why) and self.why.reason in PATIENT


@dataclass(frozen=True, kw_only=True)
class Run:
    path: Pathspec
    tasks: tuple[Task, ...]
    book: Book
    unknown: tuple[Unknown, ...]

    @property
    def last(self) -> list[Task]:
        """Of each task its last attempt: what an earlier one failed of is made good, or told with the last."""
        found = {(each.attempt.step, each.attempt.task or str(each.attempt.pods)): each for each in self.tasks}
        return list(found.values())

    @property
    def cost(self) -> float:
        """Of all that is known."""
        return sum(each.cost or 0 for each in self.tasks)


def of_run(platform: Platform, path: Pathspec, api: Any) -> Run:
    """Raises `CommandFailed` for a run that nobody knows, or when the cluster does not answer."""
    from kubernetes.client import CoreV1Api

    found = seen.of_run(platform, path, api, "status")
    if not found.attempts:
        raise found.problem or CommandFailed.of(
            what=f"no tasks found for {path}: neither the metadata service nor the cluster knows this run",
            next_step="check the run's name: FLOW/RUN, as Metaflow prints it",
        )
    reader = Reader(platform.cluster_name)
    events = reader.all("events", ASK_USERS, CoreV1Api(api).list_namespaced_event, platform.jobs_namespace) or []
    events.sort(key=lambda event: event.last_timestamp or event.event_time or _EARLIEST)
    cluster = pools.cluster(platform)
    unknown = [*reader.unknown, *([cluster] if isinstance(cluster, Unknown) else ())]
    if found.problem:
        unknown.append(Unknown("Metaflow's metadata", f"{found.problem.what}: {found.problem.next_step}"))
    past = History()
    try:
        past = history.read(platform, found.attempts)
    except Unanswered as error:
        unknown.append(Unknown("why deleted pods ended", f"{error.what}: {error.next_step}"))
    book = current.kept()
    # A cluster may be in one zone.
    region = re.sub(r"-[a-z]$", "", platform.cluster_location)
    known = _Known(
        history=past,
        events=events,
        cluster=None if isinstance(cluster, Unknown) else cluster,
        book=book,
        region=region,
    )
    return Run(path=path, tasks=tuple(known.task(each) for each in found.attempts), book=book, unknown=tuple(unknown))


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What attempts are judged by."""

    history: History
    events: Sequence[Any]
    """Kubernetes', of the last hour."""
    cluster: pools.Cluster | None
    book: Book
    region: str

    def task(self, attempt: Attempt) -> Task:
        pod = attempt.pod
        name = attempt.pods[-1] if attempt.pods else ""
        on = (pod.spec.node_name or "") if pod else self.history.nodes.get(name, "")
        pool = _pool(on, self.cluster)
        state, why = self._how(attempt, preempted=on in self.history.preempted)
        part = share.of(pod, pool) if pod and pool else None
        return Task(
            attempt=attempt,
            state=state,
            why=why,
            node=on,
            pool=pool.name if pool else "",
            cost=self._cost(attempt, state, pool, part or 1.0) if pool else None,
            at_most=part is None,
        )

    def _how(self, attempt: Attempt, *, preempted: bool) -> tuple[State, Ending | Why | None]:
        phase = attempt.pod.status.phase if attempt.pod else ""
        if phase == "Pending":
            return "waiting", waiting.explain(attempt.pod, self.events, self.cluster)
        if phase == "Failed":
            return "failed", endings.of_pod(attempt.pod, preempted=preempted)
        if attempt.succeeded or phase == "Succeeded":
            return "succeeded", None
        if attempt.succeeded is False:
            return "failed", endings.CODE
        # Without a pod it is a step that somebody runs on their own machine.
        if phase == "Running" or not attempt.pods:
            return "running", None
        said = [each for name in attempt.pods for each in self.history.events.get(name, ())]
        return "lost", endings.of_events(said, preempted=preempted)

    def _cost(self, attempt: Attempt, state: State, pool: pools.Pool, part: float) -> float | None:
        end = _end(attempt, state)
        price = nodes.hour(pool.node, self.book, self.region).price
        if end is None or attempt.started is None or price is None or state == "waiting":
            return None
        return price * part * max(0.0, (end - attempt.started).total_seconds()) / 3600


def _end(attempt: Attempt, state: State) -> datetime | None:
    if state == "running":
        return datetime.now(UTC)
    ends = [
        status.state.terminated.finished_at
        for status in (attempt.pod.status.container_statuses or () if attempt.pod else ())
        if status.state.terminated and status.state.terminated.finished_at
    ]
    return max(ends, default=attempt.ended)


def _pool(on: str, cluster: pools.Cluster | None) -> pools.Pool | None:
    """By the node's name: gke-<cluster>-<pool>-<hash>-<suffix>. People who run flows may not see its labels."""
    rest = re.sub(r"-[0-9a-f]{8}-[a-z0-9]{4}$", "", on)
    fitting = [pool for pool in (cluster.pools if cluster else ()) if on and rest.endswith(f"-{pool.name}")]
    return max(fitting, key=lambda pool: len(pool.name), default=None)
