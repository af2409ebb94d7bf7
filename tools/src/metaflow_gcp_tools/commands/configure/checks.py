"""Whether this machine can run flows now: asks, and changes nothing."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from metaflow_gcp_tools.checks import Check, State
from metaflow_gcp_tools.clients import google as google_apis, kubernetes as kubernetes_api
from metaflow_gcp_tools.clients.unanswered import Cause, Unanswered
from metaflow_gcp_tools.commands.configure.asking import ask_for_access, asking, caller
from metaflow_gcp_tools.platform.description import Forward, Platform
from metaflow_gcp_tools.problems import CommandFailed

ON_OBJECTS = ("storage.objects.create", "storage.objects.delete", "storage.objects.get", "storage.objects.list")
"""To write over an object takes the right to delete it."""

OPEN_WITHIN_SECONDS = 30.0
"""For the forward to the metadata service: the first kubectl of a day fetches credentials and the API's description."""

METADATA_SERVICE = "metadata-service"

TOPIC = "machine"


def all_of(platform: Platform) -> Iterator[Check]:
    """One after the other, each as soon as it is known."""
    yield _check("bucket", lambda: _bucket(platform))
    kubectl = _check("kubectl", _kubectl)
    yield kubectl
    cluster = _check("cluster", lambda: _cluster(platform))
    yield cluster
    yield _check_after([cluster], "namespaces", lambda: _namespaces(platform))
    yield _check_after([kubectl, cluster], "metadata service", lambda: _metadata_service(platform))


def _check_after(others: Sequence[Check], name: str, check: Callable[[], str]) -> Check:
    if failed := [each.name for each in others if each.blocks]:
        return Check.skipped(TOPIC, name, f"needs:  {', '.join(failed)}")
    return _check(name, check)


def _check(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check.passed(TOPIC, name, check())
    except CommandFailed as error:
        return Check.of(error, TOPIC, name, state=State.FAIL)


def _bucket(platform: Platform) -> str:
    """Asks for the rights rather than writing something: deleted objects are kept, and paid for, for days."""
    with asking(f"ask for rights on gs://{platform.bucket}"):
        answer = google_apis.call(
            "storage.buckets.testIamPermissions", bucket=platform.bucket, permissions=list(ON_OBJECTS)
        )
    held = answer.get("permissions", [])
    if missing := [each for each in ON_OBJECTS if each not in held]:
        address = caller()
        raise CommandFailed.of(
            what=f"{address or 'you'} may not read and write gs://{platform.bucket}: {', '.join(missing)} missing",
            next_step=ask_for_access(address),
        )
    return f"gs://{platform.bucket} can be read and written"


def _kubectl() -> str:
    from metaflow_gcp_tools.commands.forward import kubectl

    kubectl.require()
    return "it is on the PATH"


def _cluster(platform: Platform) -> str:
    from kubernetes.client import VersionApi

    api = kubernetes_api.client(platform.kube_context)
    with api, _asking_cluster(platform):
        version = VersionApi(api).get_code(_request_timeout=kubernetes_api.TIMEOUT)
    return f"{platform.cluster_name} answers: Kubernetes {version.git_version}"


class Right(NamedTuple):
    """What somebody does, in the words of Kubernetes' roles."""

    verb: str
    group: str
    resource: str
    namespace: str

    def __str__(self) -> str:
        return f"{self.verb} {self.resource} in {self.namespace}"


def _rights(platform: Platform) -> Iterator[Right]:
    """What people do: run tasks and look at them, deploy flows, forward ports."""
    jobs = platform.jobs_namespace
    forwards = {forward.name for forward in platform.forwards}
    for verb in ("create", "get", "list", "patch", "delete"):
        yield Right(verb, "batch", "jobs", jobs)
    yield Right("list", "", "pods", jobs)
    yield Right("get", "", "pods/log", jobs)
    if "argo-server" in forwards:
        for resource in ("workflowtemplates", "cronworkflows", "workflows"):
            yield Right("create", "argoproj.io", resource, jobs)
    if "events" in forwards:
        yield Right("create", "argoproj.io", "sensors", jobs)
    for namespace in dict.fromkeys(forward.namespace for forward in platform.forwards):
        yield Right("get", "", "services", namespace)
        yield Right("list", "", "pods", namespace)
        yield Right("create", "", "pods/portforward", namespace)


def _namespaces(platform: Platform) -> str:
    with kubernetes_api.client(platform.kube_context) as api, _asking_cluster(platform):
        denied = [str(right) for right in _rights(platform) if not _may(api, right)]
        address = _kubernetes_user(api) if denied else None
    if denied:
        raise CommandFailed.of(
            what=f"{address or 'you'} may not {', '.join(denied)}", next_step=ask_for_access(address)
        )
    return f"{platform.jobs_namespace} can be used, and ports can be forwarded"


def _may(api: Any, right: Right) -> bool:
    from kubernetes import client

    resource, _, subresource = right.resource.partition("/")
    wanted = {**right._asdict(), "resource": resource, "subresource": subresource}
    asked = {"spec": {"resourceAttributes": wanted}}
    answer = client.AuthorizationV1Api(api).create_self_subject_access_review(
        asked, _request_timeout=kubernetes_api.TIMEOUT
    )
    return bool(answer.status and answer.status.allowed)


def _kubernetes_user(api: Any) -> str | None:
    """Whom the cluster takes us for: gcloud's account, which need not be that of the default credentials."""
    from kubernetes import client

    try:
        with kubernetes_api.asking("itself"):
            answer = client.AuthenticationV1Api(api).create_self_subject_review(
                client.V1SelfSubjectReview(), _request_timeout=kubernetes_api.TIMEOUT
            )
    except Unanswered:
        return None
    user = answer.status and answer.status.user_info
    return user.username if user else None


@contextmanager
def _asking_cluster(platform: Platform) -> Iterator[None]:
    try:
        with kubernetes_api.asking(f"{platform.cluster_name} ({platform.cluster_dns_endpoint})"):
            yield
    except Unanswered as error:
        what, next_step = error.what, error.next_step
        match error.cause:
            case Cause.FORBIDDEN:
                address = caller()
                what = f"{address or 'you'} may not connect to the cluster {platform.cluster_name}"
                next_step = ask_for_access(address)
            case Cause.NO_CONNECTION | Cause.NO_ANSWER:
                next_step += "; if that does not help, ask the administrator whether the cluster still exists"
            case Cause.FAILING | Cause.NOT_FOUND:
                next_step = "retry in a few minutes; the cluster may be upgrading"
        raise CommandFailed.of(what=what, next_step=next_step) from None


def _metadata_service(platform: Platform) -> str:
    """By a forward of its own, at a port that nobody has: the right one may be taken, and by whatever."""
    forward = next(each for each in platform.forwards if each.name == METADATA_SERVICE)
    asyncio.run(_reach(platform, forward))
    return f"{forward.service} in {forward.namespace} answers"


async def _reach(platform: Platform, forward: Forward) -> None:
    from metaflow_gcp_tools.commands.forward import kubectl, ports
    from metaflow_gcp_tools.commands.forward.status import Status
    from metaflow_gcp_tools.commands.forward.tunnel import Pace, Tunnel

    hopeless = asyncio.Event()

    def changed(status: Status) -> None:
        if status.next_step:
            hopeless.set()

    port = ports.free()
    tunnel = Tunnel(
        name=forward.name,
        port=port,
        path=ports.probe_path(forward.name),
        command=kubectl.arguments(platform, forward, port),
        pace=Pace(),
        carried_by=lambda: None,
        changed=changed,
    )
    kept = asyncio.create_task(tunnel.keep())
    tasks = {kept, asyncio.create_task(tunnel.opened.wait()), asyncio.create_task(hopeless.wait())}
    try:
        await asyncio.wait(tasks, timeout=OPEN_WITHIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if kept.done():
            kept.result()
        if not tunnel.opened.is_set():
            raise CommandFailed.of(
                what=f"no response from the metadata service: {tunnel.status.note or tunnel.status.state}",
                next_step=tunnel.status.next_step or "run `metaflow-gcp status` to see why",
            )
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
