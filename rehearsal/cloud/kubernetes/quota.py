"""ResourceQuotas: which pods count against them, and what they refuse.

As the API server has it in 1.34 (pkg/quota/v1/evaluator/core/pods.go, plugin resourcequota/controller.go in apiserver).
Quotas as the model keeps them, pods as Kubernetes writes them. Only what pods take: their number, and what their
containers request.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from rehearsal.cloud.kubernetes.kind import State
from rehearsal.cloud.kubernetes.names import metadata
from rehearsal.cloud.model import Cloud, Key
from rehearsal.cloud.quantities import amount
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.values import UNKNOWN
from rehearsal.protocol.walk import find, first

Manifest = dict[str, Any]

_REQUIRED = {"requests.cpu": "cpu", "requests.memory": "memory"}
"""What every container has to request where a quota counts it."""
_UNSCOPED = re.compile(
    r"(requests\.|limits\.)?(ephemeral-)?storage|services(\..*)?|secrets|configmaps|persistentvolumeclaims"
    r"|replicationcontrollers|resourcequotas"
)
"""Of the resources that Kubernetes knows, those that no scope of pods may be combined with (helper/helpers.go)."""


def check(cloud: Cloud, cluster: Key, key: Key, state: State) -> None:
    """What the API server says of a quota itself (pkg/apis/core/validation/validation.go)."""
    scopes = [scope for _, given in find(state, "spec.scopes") for scope in given or ()]
    wanted = [each for _, found in find(state, "spec.scope_selector.match_expression") for each in found or ()]
    for name in dict(first(state, "spec.hard", {}) or {}):
        if _UNSCOPED.fullmatch(str(name)) and (scopes or wanted):
            raise Refused(f'ResourceQuota "{key.id}" is invalid: spec.scopes: unsupported scope applied to resource')
    for each in wanted:
        values, operator = each.get("values") or [], each["operator"]
        if values is not UNKNOWN and bool(values) != (operator in ("In", "NotIn")):
            rule = "at least one" if operator in ("In", "NotIn") else "no"
            raise Refused(
                f'ResourceQuota "{key.id}" is invalid: spec.scopeSelector.matchExpressions.values: must be {rule} '
                f"value when `operator` is '{operator}' for scope selector"
            )


def refusals(quotas: Iterable[State], running: Iterable[Manifest], pod: Manifest) -> Iterator[str]:
    """What the quotas of a namespace say against one more pod, beside those that run there."""
    running = list(running)
    for quota in quotas:
        if not counts(quota, pod):
            continue
        name, hard = metadata(quota)["name"], dict(first(quota, "spec.hard", {}) or {})
        if missing := list(_unspecified(hard, pod)):
            yield f"failed quota: {name}: must specify {'; '.join(missing)}"
            continue
        used = [_usage(each) for each in running if counts(quota, each)]
        asked = _usage(pod)
        for what in sorted(hard):
            taken = sum((each.get(what, Fraction(0)) for each in used), Fraction(0))
            if asked.get(what) and taken + asked[what] > (amount(str(hard[what])) or 0):
                yield (
                    f"exceeded quota: {name}, requested: {what}={float(asked[what]):g}, used: {what}={float(taken):g}, "
                    f"limited: {what}={hard[what]}"
                )


def counts(quota: State, pod: Manifest) -> bool:
    """Whether a pod is of all the quota's scopes."""
    scopes = [scope for _, given in find(quota, "spec.scopes") for scope in given or ()]
    wanted = [each for _, found in find(quota, "spec.scope_selector.match_expression") for each in found or ()]
    return all(_SCOPES[scope](pod["spec"]) for scope in scopes) and all(_selects(each, pod["spec"]) for each in wanted)


def _selects(wanted: State, spec: Manifest) -> bool:
    if wanted["scope_name"] != "PriorityClass":
        return _SCOPES[wanted["scope_name"]](spec)
    given, values = spec.get("priorityClassName"), wanted.get("values") or ()
    return {
        "Exists": bool(given),
        "DoesNotExist": not given,
        "In": given in values,
        # A pod without a class is not in the list, either.
        "NotIn": given not in values,
    }[wanted["operator"]]


def _terminating(spec: Manifest) -> bool:
    return spec.get("activeDeadlineSeconds") is not None


def _best_effort(spec: Manifest) -> bool:
    resources = [each.get("resources") or {} for each in _containers(spec)]
    return not any(each.get(kind) for each in resources for kind in ("requests", "limits"))


_SCOPES: Mapping[str, Callable[[Manifest], bool]] = {
    "Terminating": _terminating,
    "NotTerminating": lambda spec: not _terminating(spec),
    "BestEffort": _best_effort,
    "NotBestEffort": lambda spec: not _best_effort(spec),
    "PriorityClass": lambda spec: bool(spec.get("priorityClassName")),
}


def _containers(spec: Manifest) -> list[Manifest]:
    return [*spec["containers"], *(spec.get("initContainers") or ())]


def _unspecified(hard: Mapping[str, Any], pod: Manifest) -> Iterator[str]:
    for what, resource in _REQUIRED.items():
        silent = [each["name"] for each in _containers(pod["spec"]) if resource not in _requests(each)]
        if what in hard and silent:
            yield f"{what} for: {','.join(sorted(silent))}"


def _usage(pod: Manifest) -> dict[str, Fraction]:
    """Containers together, or the largest of those that run before them."""
    spec = pod["spec"]
    before = [_requests(each) for each in spec.get("initContainers") or () if each.get("restartPolicy") != "Always"]
    beside = [each for each in spec.get("initContainers") or () if each.get("restartPolicy") == "Always"]
    together = [_requests(each) for each in [*spec["containers"], *beside]]
    usage = {"pods": Fraction(1)}
    for name in {name for each in [*before, *together] for name in each}:
        at_once = [sum((each.get(name, Fraction(0)) for each in together), Fraction(0))]
        usage[f"requests.{name}"] = max(at_once + [each[name] for each in before if name in each])
    return usage


def _requests(container: Manifest) -> dict[str, Fraction]:
    given = (container.get("resources") or {}).get("requests") or {}
    return {name: amount(str(value)) or Fraction(0) for name, value in given.items()}
