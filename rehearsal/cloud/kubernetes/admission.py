"""ValidatingAdmissionPolicies: what they say of a request, in CEL, as the API server evaluates them.

https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/

Only what policies of ours use: no parameters, no `authorizer`, no label selectors but `matchLabels`, and
`failurePolicy: Fail`.
"""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

Manifest = dict[str, Any]

POLICY, BINDING = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"
FIELDS = {"matchConstraints", "matchConditions", "variables", "validations", "failurePolicy"}
"""Of a policy's `spec`, those that are evaluated here."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What somebody asks of the API server."""

    user: str
    """The name that they are signed in with: `system:serviceaccount:NAMESPACE:NAME` of an account."""
    operation: str
    """CREATE, UPDATE or DELETE."""
    resource: str
    """In the plural: `pods`."""
    namespace: str
    object: Manifest | None = None
    """None while it is deleted."""
    group: str = ""

    @property
    def seen(self) -> dict[str, Any]:
        """What CEL sees of it."""
        return {
            "userInfo": {"username": self.user},
            "operation": self.operation,
            "namespace": self.namespace,
            "resource": {"group": self.group, "version": "v1", "resource": self.resource},
        }


def refusals(objects: Iterable[Manifest], request: Request) -> Iterator[str]:
    """What the policies among the objects that are in force say against a request."""
    objects = list(objects)
    in_force = {each["spec"]["policyName"] for each in objects if each["kind"] == BINDING}
    for policy in objects:
        if policy["kind"] == POLICY and policy["metadata"]["name"] in in_force:
            yield from _refusals(policy, request)


def problems(manifest: Manifest, policies: Iterable[str]) -> Iterator[str]:
    """What is wrong with a policy or a binding itself."""
    spec, name = manifest["spec"], manifest["metadata"]["name"]
    if manifest["kind"] == BINDING:
        if spec["policyName"] not in policies:
            yield f"{name}: there is no policy {spec['policyName']}: it does nothing"
        if "Deny" not in spec["validationActions"]:
            yield f"{name}: nothing is refused: validationActions is {spec['validationActions']}"
        return
    if unknown := spec.keys() - FIELDS:
        yield f"{name}: the rehearsal does not know {', '.join(sorted(unknown))}"
    for expression in _expressions(spec):
        if reason := _wrong(expression):
            yield f"{name}: {reason}: {expression}"


def _expressions(spec: dict[str, Any]) -> Iterator[str]:
    for field in ("matchConditions", "variables", "validations"):
        for each in spec.get(field, []):
            yield each["expression"]
            if "messageExpression" in each:
                yield each["messageExpression"]


@cache
def _compiled(expression: str) -> Any:
    import cel  # Only where there is a policy: it takes its time.

    return cel.compile(expression)


@cache
def _wrong(expression: str) -> str | None:
    try:
        _compiled(expression)
    except ValueError as error:
        return str(error).splitlines()[0]
    return None


def _refusals(policy: Manifest, request: Request) -> Iterator[str]:
    spec, name = policy["spec"], policy["metadata"]["name"]
    if not _is_about(spec["matchConstraints"], request):
        return
    known: dict[str, Any] = {"request": request.seen, "object": request.object, "variables": {}}
    try:
        if not all(_evaluate(each["expression"], known) for each in spec.get("matchConditions", [])):
            return
    except Exception as error:  # noqa: BLE001 - whatever an expression meets
        yield f"{name}: {error}"
        return
    for each in spec.get("variables", []):
        # As the API server has it, an error in a variable is one of what uses it.
        with contextlib.suppress(Exception):
            known["variables"][each["name"]] = _evaluate(each["expression"], known)
    for each in spec["validations"]:
        try:
            if _evaluate(each["expression"], known) is not True:
                yield _evaluate(each["messageExpression"], known) if "messageExpression" in each else each["message"]
        except Exception as error:  # noqa: BLE001 - `failurePolicy: Fail`
            yield f"{name}: {error} in {each['expression']}"


def _is_about(constraints: dict[str, Any], request: Request) -> bool:
    labels = {"kubernetes.io/metadata.name": request.namespace}
    wanted = constraints.get("namespaceSelector", {}).get("matchLabels", {})
    return wanted.items() <= labels.items() and any(
        request.group in rule["apiGroups"]
        and request.operation in rule["operations"]
        and request.resource in rule["resources"]
        for rule in constraints["resourceRules"]
    )


def _evaluate(expression: str, known: dict[str, Any]) -> Any:
    return _compiled(expression).execute(known)
