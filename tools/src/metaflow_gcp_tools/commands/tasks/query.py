"""Queries of Cloud Logging for the pods of tasks.

GKE's logs have no annotations of pods, only labels, `labels."k8s-pod/..."` with underscores for dots: what Metaflow's
pods have in annotations, run, step and task, cannot be asked for. Pods are asked for by name, and those of Argo's by
their workflow.
https://cloud.google.com/logging/docs/api/v2/resource-list#resource-types
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import quote

from metaflow_gcp_tools.platform.description import Platform

PODS = 150
"""In one query: it may have 20,000 characters, and a pod's name 63."""


def logs(platform: Platform, *, pods: Sequence[str], workflow: str, since: datetime | None) -> str:
    """What containers of these pods wrote, or those of the whole workflow."""
    which = (
        f"resource.labels.pod_name=({_any(pods)})"
        if pods
        else f'labels."k8s-pod/workflows_argoproj_io/workflow"={_quoted(workflow)}'
    )
    return _lines(platform, 'resource.type="k8s_container"', which, since)


def events(platform: Platform, *, pods: Sequence[str], since: datetime | None) -> str:
    """Kubernetes' events about these pods, which Cloud Logging keeps longer than Kubernetes' hour."""
    return _lines(
        platform, f'resource.type="k8s_pod"\nlog_id("events")\nresource.labels.pod_name=({_any(pods)})', "", since
    )


def preempted(nodes: Sequence[str], since: datetime | None) -> str:
    """Which of these nodes Google took back.

    https://cloud.google.com/compute/docs/instances/spot#detecting_preemption_of_spot_vms
    """
    lines = (
        'log_id("cloudaudit.googleapis.com/system_event")',
        'protoPayload.methodName="compute.instances.preempted"',
        f'protoPayload.resourceName=~"/instances/({"|".join(nodes)})$"',
        f"timestamp>={_quoted(since.isoformat())}" if since else "",
    )
    return "\n".join(filter(None, lines))


def _lines(platform: Platform, what: str, which: str, since: datetime | None) -> str:
    return "\n".join(
        filter(
            None,
            (
                what,
                f"resource.labels.cluster_name={_quoted(platform.cluster_name)}",
                f"resource.labels.location={_quoted(platform.cluster_location)}",
                f"resource.labels.namespace_name={_quoted(platform.jobs_namespace)}",
                which,
                # Without a time, Cloud Logging looks through all that it has.
                f"timestamp>={_quoted(since.isoformat())}" if since else "",
            ),
        )
    )


def link(platform: Platform, query: str) -> str:
    """The query in the console's Logs Explorer."""
    return f"https://console.cloud.google.com/logs/query;query={quote(query, safe='')}?project={platform.project}"


def _any(names: Iterable[str]) -> str:
    return " OR ".join(_quoted(each) for each in names)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
