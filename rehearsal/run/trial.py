"""One fault, in one process: it breaks, a rerun converges, the plan is then empty, destroy leaves nothing."""

import sqlite3
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.cloud.model import Cloud
from rehearsal.faults.drift import drift
from rehearsal.faults.fault import Fault
from rehearsal.faults.healing import Cure, cures
from rehearsal.faults.outcomes import outcome
from rehearsal.faults.store import inject, met
from rehearsal.run.direct import Direct
from rehearsal.run.stacks import Stack

AT_MOST = 6
"""Runs: one fails, one may meet what the first left, one may meet what hung on that."""


@dataclass(kw_only=True)
class Result:
    """What a fault led to."""

    fault: Fault
    met: bool = False
    message: str = ""
    """Of the run that failed."""
    cures: list[str] = field(default_factory=list)
    """The commands between the runs."""
    problems: list[str] = field(default_factory=list)
    twice: bool = False
    """Whether the first try's object stays beside the second's, as the real cloud has it."""
    changed: str = ""
    """What was changed by hand, so that there was something to update."""

    @property
    def well(self) -> bool:
        return not self.problems


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The cloud and Terraform's states at one moment."""

    file: Path
    states: dict[str, dict[str, Any]]
    kinds: Counter[str]


class Trials:
    """Trials of one app: what comes before the fault is done once."""

    def __init__(self, cloud: Cloud, found: list[Stack], folder: Path) -> None:
        self.found, self.folder = found, folder
        self.before = {each.key for each in cloud.all()}
        self.number = 0
        direct = Direct(cloud=cloud, stacks=found)
        self.moments = {"": self._keep(direct, "start")}
        for name, stack in direct.made.items():
            errors = stack.apply()
            if errors:
                raise ValueError(f"{name} does not deploy without a fault: {errors}")
            self.moments[name] = self._keep(direct, name)
        self.done = direct

    def attempt(self, stack: str, fault: Fault) -> Result:
        """One fault at a resource of a stack."""
        result = Result(fault=fault)
        names = [each.name for each in self.found]
        earlier = names[names.index(stack) - 1] if names.index(stack) else ""
        direct = self._at(earlier if fault.operation == "create" else names[-1])
        inject(direct.cloud, fault)
        if fault.operation == "update":
            result.changed = self._drift(direct, stack, fault.address)
            if not result.changed:
                return result
        if fault.operation != "delete":
            self._until(result, direct, names[names.index(stack) if fault.operation == "create" else 0 :], "apply")
            if result.well:
                self._converged(result, direct)
        if result.well:
            self._until(result, direct, reversed(names), "destroy")
        left = [each.key for each in direct.cloud.all() if result.well and each.key not in self.before]
        result.problems += [f"left after destroy: {each.kind} {each.id}" for each in left]
        result.met = bool(met(direct.cloud))
        return result

    def _until(self, result: Result, direct: Direct, names: Any, what: str) -> None:
        for name in names:
            stack = direct.made[name]
            for _ in range(AT_MOST):
                errors = stack.apply() if what == "apply" else stack.destroy()
                if not errors:
                    break
                message = "\n".join(errors)
                result.message = result.message or message
                if result.fault.address not in message:
                    result.problems.append(f"{what} of {name} does not name it: {message}")
                found = cures(direct.cloud, stack.stack.folder, message)
                result.cures += [str(each) for each in found]
                for each in found:
                    _heal(direct, name, each)
            else:
                result.problems.append(f"{what} of {name} does not converge: {errors}")
                return

    def _converged(self, result: Result, direct: Direct) -> None:
        result.problems += [f"second plan: {each}" for each in direct.changes()]
        fault = result.fault
        again = (fault.operation, fault.when, outcome(fault.type, {})) == ("create", "after", "again")
        for kind in Counter(each.key.kind for each in direct.cloud.all()) - self._kinds:
            if again and kind == fault.type:
                result.twice = True
            else:
                result.problems.append(f"made twice: {kind}")

    @property
    def _kinds(self) -> Counter[str]:
        return self.moments[self.found[-1].name].kinds

    def _drift(self, direct: Direct, stack: str, address: str) -> str:
        made = direct.made[stack]
        provider, schema = made.asked(address)
        state = made.states[address]
        for path in drift(direct.cloud, schema, state, made.raw(address)):
            prior = provider.read(schema, state)
            if prior is not None and prior != state and made.would(address, prior) == "update":
                return path
        return ""

    def _keep(self, direct: Direct, name: str) -> Moment:
        file = self.folder / f"{name}.sqlite"
        with sqlite3.connect(direct.cloud.path) as one, sqlite3.connect(file) as other:
            one.backup(other)
        return Moment(
            file=file,
            states={each: deepcopy(stack.states) for each, stack in direct.made.items()},
            kinds=Counter(each.key.kind for each in direct.cloud.all()),
        )

    def _at(self, name: str) -> Direct:
        """The app at a moment, in a cloud of its own."""
        moment = self.moments[name]
        file = self.folder / "trial.sqlite"
        for old in self.folder.glob("trial.*"):
            old.unlink()
        file.write_bytes(moment.file.read_bytes())
        direct = Direct(cloud=Cloud(file), stacks=self.found)
        for each, stack in direct.made.items():
            stack.resume(deepcopy(moment.states[each]))
        return direct


def _heal(direct: Direct, name: str, cure: Cure) -> None:
    command, address, *rest = cure.arguments
    if command == "import":
        direct.made[name].adopt(address, rest[0])
    elif command == "untaint":
        direct.made[name].tainted.discard(address)
