"""What is wrong with a pod whose containers do not do what they should, in plain words."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from metaflow_gcp_tools.problems import Problem

RECENT = timedelta(hours=1)
"""A restart since then is told, even when all is well again."""

STARTING = timedelta(minutes=3)
"""What ends this early in its pod's life, a few times, met something that was not there yet. JobSet's controller always
does: its certificate comes into a Secret that the chart makes with empty keys, and it makes the certificate itself.
https://github.com/kubernetes-sigs/jobset/blob/v0.11.1/charts/jobset/templates/webhook/secret.yaml"""

_TIMES = 3

MIGRATION = "migrate"
"""The metadata service's init container that brings the database up to date, before the server starts."""

# https://kubernetes.io/docs/concepts/containers/images/#imagepullbackoff
_IMAGE = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError")
_CONFIGURATION = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError")


def of(pod: Any, events: Iterable[Any] = ()) -> Problem | None:
    """The pod's first trouble; `None` when there is none, or none to be seen. `events`: those of its namespace."""
    return next(_troubles(pod, [event for event in events if event.involved_object.name == pod.metadata.name]), None)


def _troubles(pod: Any, events: list[Any]) -> Iterator[Problem]:
    status = pod.status
    for container in status.init_container_statuses or ():
        yield from _not_running(pod, container)
    for container in status.container_statuses or ():
        yield from _not_running(pod, container)
        yield from _running(pod, container, events)
    yield from _cannot_start(pod, events)


def _not_running(pod: Any, container: Any) -> Iterator[Problem]:
    where = f"{pod.metadata.namespace}/{pod.metadata.name}"
    name = "the database's migration" if container.name == MIGRATION else f"container {container.name}"
    logs = f"{_logs(pod)} --container {container.name}"
    waiting, ended = container.state.waiting, container.state.terminated
    if waiting and waiting.reason in _IMAGE:
        yield Problem(
            what=f"{where}: the image {container.image} cannot be pulled: {tidy(waiting.message) or waiting.reason}",
            next_step="check its name, and that it exists; one without a registry is looked up in the team's "
            "repository, then on Docker Hub",
        )
    elif waiting and waiting.reason in _CONFIGURATION:
        yield Problem(
            what=f"{where}: {name} cannot be created: {tidy(waiting.message) or waiting.reason}",
            next_step="deploy the stack `services` again: `make deploy`",
        )
    elif waiting and waiting.reason == "CrashLoopBackOff":
        last = container.last_state.terminated if container.last_state else None
        if _while_starting(pod, container, last):
            return
        yield Problem(
            what=f"{where}: {name} keeps failing ({container.restart_count} times): {_ending(last)}",
            next_step=f"see its log: `{logs} --previous`",
        )
    elif ended and ended.exit_code:
        yield Problem(what=f"{where}: {name} ended: {_ending(ended)}", next_step=f"see its log: `{logs}`")


def _running(pod: Any, container: Any, events: list[Any]) -> Iterator[Problem]:
    where = f"{pod.metadata.namespace}/{pod.metadata.name}"
    if not container.state.running:
        return
    last = container.last_state.terminated if container.last_state else None
    recent = last and last.exit_code and last.finished_at and datetime.now(UTC) - last.finished_at < RECENT
    if recent and not (container.ready and _while_starting(pod, container, last)):
        yield Problem(
            what=f"{where}: container {container.name} was restarted "
            f"({container.restart_count} times so far): {_ending(last)}",
            next_step=f"see its log: `{_logs(pod)} --container {container.name} --previous`",
        )
    failed = [event.message for event in events if event.reason == "Unhealthy"]
    if not container.ready and failed:
        yield Problem(
            what=f"{where}: container {container.name} is running but not ready: {tidy(failed[-1])}",
            next_step=f"see its log: `{_logs(pod)}`",
        )


def _logs(pod: Any) -> str:
    return f"kubectl logs --namespace {pod.metadata.namespace} {pod.metadata.name}"


def _cannot_start(pod: Any, events: list[Any]) -> Iterator[Problem]:
    if pod.status.phase != "Pending" or not pod.spec.node_name:
        return
    for event in reversed(events):
        if event.reason in {"FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox"}:
            yield Problem(
                what=f"{pod.metadata.namespace}/{pod.metadata.name} cannot start on its node: {tidy(event.message)}",
                next_step="deploy the stack `services` again: `make deploy`; then "
                f"`kubectl describe pod --namespace {pod.metadata.namespace} {pod.metadata.name}`",
            )
            return


def _while_starting(pod: Any, container: Any, last: Any) -> bool:
    """Whether a container's last end is part of how its pod starts: time will tell."""
    if last is None or last.reason == "OOMKilled" or container.restart_count > _TIMES:
        return False
    return bool(pod.status.start_time and last.finished_at and last.finished_at - pod.status.start_time < STARTING)


def _ending(terminated: Any) -> str:
    """How a container ended."""
    if terminated is None:
        return "it is not known how"
    if terminated.reason == "OOMKilled":
        return "it took more memory than its limit (OOMKilled)"
    said = tidy(terminated.message)
    return f"exit code {terminated.exit_code}" + (f": {said}" if said else "")


def tidy(message: str | None, longest: int = 300) -> str:
    """A message on one line, without the password of an address in it."""
    text = re.sub(r"(://[^:/@\s]*:)[^@\s]+@", r"\1***@", " ".join((message or "").split()))
    text = re.sub(r"(?i)\b(password|token)=\S+", r"\1=***", text)
    return text if len(text) <= longest else f"{text[:longest]}..."
