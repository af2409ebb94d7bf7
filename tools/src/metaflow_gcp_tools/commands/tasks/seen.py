"""What can be seen of a run's tasks: in Kubernetes, while pods are there, and in Metaflow's metadata."""

from dataclasses import dataclass
from typing import Any

from metaflow_gcp_tools.clients import kubernetes as kubernetes_api
from metaflow_gcp_tools.commands.tasks import attempts, metadata
from metaflow_gcp_tools.commands.tasks.attempts import Attempt
from metaflow_gcp_tools.commands.tasks.pathspec import Pathspec
from metaflow_gcp_tools.platform.description import Platform
from metaflow_gcp_tools.problems import CommandFailed

OF_METAFLOW = "app.kubernetes.io/part-of=metaflow"
PAGE = 500


@dataclass(frozen=True, kw_only=True)
class Seen:
    attempts: tuple[Attempt, ...]
    problem: CommandFailed | None
    """What kept Metaflow's metadata from being seen; attempts are those of pods that are there."""


def of_run(platform: Platform, path: Pathspec, api: Any, command: str) -> Seen:
    """`api`: of Kubernetes' client; `command`: who asks. Raises `Unanswered` when the cluster does not answer."""
    pods = _pods(platform, api)
    problem = None
    rows: list[dict[str, Any]] = []
    try:
        rows = metadata.of_run(platform, path, command)
    except CommandFailed as error:
        problem = error
    return Seen(attempts=tuple(attempts.of_run(path, rows, pods)), problem=problem)


def _pods(platform: Platform, api: Any) -> list[Any]:
    from kubernetes.client import CoreV1Api

    found: list[Any] = []
    more: str | None = None
    while True:
        with kubernetes_api.asking(platform.cluster_name):
            page = CoreV1Api(api).list_namespaced_pod(
                platform.jobs_namespace,
                label_selector=OF_METAFLOW,
                limit=PAGE,
                _continue=more,
                _request_timeout=kubernetes_api.TIMEOUT,
            )
        found += page.items
        more = page.metadata._continue  # noqa: SLF001 - so the client calls it: `continue` is Python's
        if not more:
            return found
