"""What a Terraform plan destroys or replaces, and what that means for data."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from metaflow_gcp_tools.commands.plan import kinds, protection, values
from metaflow_gcp_tools.problems import Problem

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


def problems(file: Path, found: Changes) -> Iterator[Problem]:
    """One for each plan that loses data, and one for each that protects it less: the details are in the result."""
    if lost := found.of_effect("data"):
        names = ", ".join(f"{change.kind.one} {change.name or change.address}" for change in lost)
        # Of these, and not of what else the plan replaces: taking back another change would save nothing.
        settings = sorted({force.setting for change in lost for force in change.forced_by if force.setting})
        yield Problem(
            what=f"{file} loses data: {names}",
            next_step=f"do not apply it, and {_take_back(settings)}; or save the data first, as described for each",
        )
    if found.weakened:
        names = "; ".join(dict.fromkeys(f"{each.name or each.address}: {each.what}" for each in found.weakened))
        settings = sorted({each.setting for each in found.weakened if each.setting})
        yield Problem(
            what=f"{file} weakens the protection of data: {names}",
            next_step=f"apply it only if you mean it; else {_take_back(settings)}",
        )


def _take_back(settings: Sequence[str]) -> str:
    return f"take back the change of {' and of '.join(settings)}" if settings else "take back what changes them"
