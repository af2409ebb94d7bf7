"""What a namespace allows its pods: LimitRanges for each, ResourceQuotas for all of them together.

Kubernetes 1.34, plugin/pkg/admission/limitranger/admission.go: what a container does not say it is given first. Quotas
are counted by quota.py.
"""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from rehearsal.cloud.kubernetes import quota
from rehearsal.cloud.kubernetes.events import Event
from rehearsal.cloud.kubernetes.names import metadata
from rehearsal.cloud.kubernetes.pods import containers
from rehearsal.cloud.model import Cloud, Key
from rehearsal.cloud.quantities import amount, canonical
from rehearsal.protocol.walk import first

State = dict[str, Any]


def events(cloud: Cloud, cluster: Key, namespace: str, pod: State, running: Iterable[State]) -> Iterator[Event]:
    """What stands against one more such pod beside those that run there."""
    limits = [limit for each in _of(cloud, cluster, "limit_range", namespace) for limit in _limits(each)]
    said = list(_too_large(limits, pod))
    others = [_written(each, limits) for each in running]
    said += quota.refusals(_of(cloud, cluster, "resource_quota", namespace), others, _written(pod, limits))
    for each in said:
        yield Event(reason="FailedCreate", message=f"pods are forbidden: {each}")


def _too_large(limits: list[State], pod: State) -> Iterator[str]:
    for limit, (_, container), sort in product(limits, containers(pod), ("limit", "request")):
        for name, most in (limit.get("max") or {}).items():
            given = (first(container, f"resources.{sort}s") or {}).get(name)
            if given and (amount(str(given)) or 0) > (amount(str(most)) or 0):
                yield f"maximum {name} usage per Container is {most}, but {sort} is {canonical(str(given))}"


def _written(pod: State, limits: list[State]) -> State:
    """A pod as Kubernetes writes it, as far as quotas count."""

    def written(container: State) -> State:
        given = first(container, "resources.requests") or {}
        most = first(container, "resources.limits") or {}
        defaults = {name: value for limit in limits for name, value in (limit.get("default_request") or {}).items()}
        # Without a request, a limit is one.
        requests = {**defaults, **most, **given}
        return {"name": container.get("name"), "resources": {"requests": requests, "limits": most}}

    return {
        "spec": {
            "containers": [written(each) for each in pod.get("container") or []],
            "initContainers": [written(each) for each in pod.get("init_container") or []],
            "priorityClassName": pod.get("priority_class_name"),
            "activeDeadlineSeconds": pod.get("active_deadline_seconds"),
        }
    }


def _limits(limit_range: State) -> list[State]:
    return [each for each in limit_range["spec"][0]["limit"] if each.get("type") == "Container"]


def _of(cloud: Cloud, cluster: Key, kind: str, namespace: str) -> list[State]:
    found = (each.state for each in cloud.all(f"kubernetes_{kind}", cluster.id))
    return [each for each in found if metadata(each).get("namespace") == namespace]
