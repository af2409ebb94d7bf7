"""Computed attributes that look alike in all of Google's types."""

from typing import Any

from rehearsal.cloud import invent
from rehearsal.cloud.google.kind import Kind
from rehearsal.cloud.google.request import Request
from rehearsal.protocol.errors import Path
from rehearsal.protocol.fill import Invent, zero
from rehearsal.protocol.schema import Attribute
from rehearsal.protocol.values import UNKNOWN, Value, known

_COMPUTE = "https://www.googleapis.com/compute/v1/"

ATTRIBUTION = {"goog-terraform-provisioned": "true"}
"""The label the provider puts on what it creates."""


def common(request: Request, api: str | None, id_: str) -> dict[str, Any]:
    prefix = _COMPUTE if api == "compute.googleapis.com" else f"https://{api}/v1/"
    created = invent.timestamp(*request.seed())
    return {
        "id": id_,
        "self_link": f"{prefix}{request.key.id}",
        "creation_timestamp": created,
        "create_time": created,
        "update_time": created,
        "etag": f"{request.digest('etag', length=11)}=",
        "fingerprint": f"{request.digest('fingerprint', length=11)}=",
        "state": "ACTIVE",
        "name": request.key.id,
        "uid": invent.uuid(*request.seed()),
    }


def inventor(request: Request) -> Invent:
    """The last resort.

    An optional attribute is left at its first choice or empty, one that only Google sets gets a value of its own.
    """

    def value(path: Path, attribute: Attribute, constraint: dict[str, Any]) -> Value:
        if attribute.optional:
            choices = [each for each in constraint.get("one_of", []) if each]
            return choices[0] if choices and attribute.type == "string" else zero(attribute.type)
        name = str(path[-1])
        if attribute.type != "string" or attribute.nested:
            return (
                invent.number(*request.seed(*map(str, path)))
                if attribute.type == "number" and name.endswith("id")
                else zero(attribute.type)
            )
        if name.endswith(("_time", "timestamp")):
            return invent.timestamp(*request.seed(*map(str, path)))
        return f"{name.replace('_', '-')}-{request.digest(*map(str, path))}"

    return value


def merge_labels(
    kind: Kind, state: dict[str, Any], prior: dict[str, Any] | None, default_labels: dict[str, str]
) -> dict[str, Any]:
    """Labels: terraform_labels are the provider's and the resource's own, effective_labels what is there in the end."""
    merged: dict[str, Any] = {}
    before = prior or {}
    if "terraform_labels" in state:
        given = next((state[name] for name in ("labels", "resource_labels", "user_labels") if name in state), None)
        own = {} if given is None else given
        had = before.get("terraform_labels") or {}
        marked = kind.attributed if prior is None else ATTRIBUTION.items() <= had.items()
        labels = {**(ATTRIBUTION if marked else {}), **default_labels, **own} if known(own) else UNKNOWN
        others = {key: value for key, value in (before.get("effective_labels") or {}).items() if key not in had}
        merged["terraform_labels"] = labels
        merged["effective_labels"] = {**others, **labels} if isinstance(labels, dict) else UNKNOWN
    if "effective_annotations" in state and state.get("annotations") != before.get("annotations"):
        annotations = state["annotations"]
        merged["effective_annotations"] = (
            annotations if isinstance(annotations, dict) and known(annotations) else UNKNOWN
        )
    return merged
