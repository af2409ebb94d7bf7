"""What a Terraform plan destroys or replaces, and what that means for data."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from metaflow_gcp_tools.commands.plan import kinds, protection, values

Action = Literal["create", "update", "replace", "destroy", "forget"]
"""`forget`: Terraform no longer manages it, and leaves it as it is."""

REASONS = {
    "replace_because_cannot_update": "Google or Kubernetes cannot change it in place",
    "replace_because_tainted": "its creation failed half-way, or somebody marked it as tainted",
    "replace_by_request": "the plan was asked to replace it (-replace)",
    "replace_by_triggers": "something that it was tied to changes",
    "delete_because_no_resource_config": "it is no longer in the configuration",
    "delete_because_no_module": "it is no longer in the configuration",
    "delete_because_wrong_repetition": "it is no longer in the configuration",
    "delete_because_count_index": "it is no longer in the configuration",
    "delete_because_each_key": "it is no longer in the configuration",
    "delete_because_no_move_target": "it was moved to what is no longer in the configuration",
}
"""Terraform's `action_reason` in plain words."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A resource that goes, and may come back as another one."""

    address: str
    """Terraform's."""
    name: str
    """Google's or Kubernetes'; `""` when there is none."""
    type: str
    action: Literal["replace", "destroy"]
    kind: kinds.Kind
    reason: str
    forced_by: tuple[values.Force, ...]
    """The attributes that make an update impossible."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """A plan's changes; those that lose data come first."""

    counts: dict[Action, int]
    gone: tuple[Change, ...]
    """What is replaced or destroyed."""
    weakened: tuple[protection.Weakened, ...]
    """What is protected less than before."""
    complete: bool
    """`False`: Terraform could not plan to the end, so there may be more."""

    def of_effect(self, effect: kinds.Effect) -> list[Change]:
        return [change for change in self.gone if change.kind.effect == effect]


def judge(plan: dict[str, Any]) -> Changes:
    """What the plan (as `terraform_plan.read` gives it) does."""
    counts: Counter[Action] = Counter()
    gone = []
    for resource in plan.get("resource_changes", ()):
        action = _action(resource["change"]["actions"])
        if resource.get("mode") != "managed" or action is None:
            continue
        counts[action] += 1
        if action in ("replace", "destroy"):
            gone.append(_change(resource, action))
    return Changes(
        counts=dict(counts),
        gone=tuple(sorted(gone, key=lambda change: (_ORDER.index(change.kind.effect), change.address))),
        weakened=tuple(protection.weakened(plan.get("resource_changes", ()))),
        complete=not plan.get("errored", False) and plan.get("complete", True),
    )


_ORDER: tuple[kinds.Effect, ...] = ("data", "interruption", "harmless")


def _action(actions: list[str]) -> Action | None:
    match sorted(actions):
        case ["create"] | ["update"] | ["forget"] as only:
            return only[0]  # type: ignore[return-value]
        case ["delete"]:
            return "destroy"
        case ["create", "delete"]:
            return "replace"
        # A new one is made, and the old one is left as it is.
        case ["create", "forget"]:
            return "forget"
    return None


def _change(resource: dict[str, Any], action: Literal["replace", "destroy"]) -> Change:
    change = resource["change"]
    reason = REASONS.get(resource.get("action_reason", ""), "")
    if "deposed" in resource:
        reason = "a deployment that broke off left it behind; the one in its place stays"
    return Change(
        address=resource["address"],
        name=values.name_of(change),
        type=resource["type"],
        action=action,
        kind=kinds.of(resource["type"], change.get("before") or {}),
        reason=reason,
        forced_by=tuple(values.of(resource["type"], change)),
    )
