"""A synthesized app on the simulated cloud without Terraform: a deployment in two seconds rather than in a minute.

It does what Terraform does with what our stacks are made of: references, `depends_on`, `ignore_changes`,
`prevent_destroy`, data sources, outputs of other stacks, and a state that outlives a run that failed, with tainted
objects in it. A function's result is made up, the same each time. What it does not know it refuses.
`python -m rehearsal` and `check` leave nothing to it: they ask the real Terraform.
"""

import contextlib
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from rehearsal.cloud.model import Cloud
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.plan import plan, replacements
from rehearsal.protocol.provider import State
from rehearsal.protocol.validate import validate
from rehearsal.run import static
from rehearsal.run.configured import Configured, ProviderKilled
from rehearsal.run.errors import StepFailed
from rehearsal.run.evaluate import kept
from rehearsal.run.stacks import Stack

_NAMED = re.compile(r"(data\.)?[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*: ")


class _Skipped(Exception):
    """What a resource needs is not there."""


@dataclass(kw_only=True)
class Direct:
    """The stacks of one app in one cloud."""

    cloud: Cloud
    stacks: list[Stack]
    first: tuple[str, ...] = ()
    """Addresses whose turn comes before all others', as far as their dependencies allow: Terraform promises no order
    beyond that."""
    order: random.Random | None = None
    """Takes what is ready in an order of this generator's."""
    made: "dict[str, DirectStack]" = field(default_factory=dict)

    def __post_init__(self) -> None:
        for stack in self.stacks:
            self.made[stack.name] = DirectStack(
                cloud=self.cloud, stack=stack, others=self.made, first=self.first, order=self.order
            )

    def deploy(self) -> None:
        """Creates and changes everything, in the order in which things depend on each other.

        Raises StepFailed for the first stack in which anything fails, with all that failed there.
        """
        for each in self.made.values():
            errors = each.apply()
            if errors:
                raise StepFailed(each.step, "\n".join(errors), each.stack.name)

    def changes(self) -> list[str]:
        """What a further plan of all stacks would change: `update address: attribute, attribute`."""
        return [change for each in self.made.values() for change in each.changes()]

    def destroy(self) -> None:
        """Deletes everything. Raises StepFailed for the first stack in which anything fails."""
        for each in reversed(self.made.values()):
            errors = each.destroy()
            if errors:
                raise StepFailed("destroy", "\n".join(errors), each.stack.name)


@dataclass(kw_only=True)
class DirectStack(Configured):
    """One stack, and Terraform's state of it."""

    states: dict[str, State] = field(default_factory=dict)
    tainted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.settled: set[str] = set()
        """What this run has seen to: its state is that of the configuration."""
        self.failed: set[str] = set()
        self.broke = ""
        self.step = "validate"
        """What is being done; where it failed, what was."""

    def apply(self) -> list[str]:
        """One run of Terraform's: what can be done is done. Returns the errors."""
        if self.step == "validate":
            with self._at("validate"):
                for problem in static.problems(self.configuration, self.found):
                    raise Refused(problem)
        self.providers.clear()
        self.settled.clear()
        self.failed.clear()
        with self._at("plan"):
            errors = self._refresh() or self._each(self.addresses(), self.state_of)
            self.step = self.broke or self.step
            return errors

    def resume(self, states: dict[str, State]) -> None:
        """Goes on where another run has come to."""
        self.states, self.settled, self.step = states, set(states), "apply"

    def would(self, address: str, prior: State) -> Literal["", "update", "replace"]:
        """What a plan would do with an object in that state."""
        with self._at("plan"):
            planned, _ = self._planned(address, prior)
            if all(value == prior.get(name) for name, value in planned.items()):
                return ""
            return "replace" if replacements(self.asked(address)[1], prior, planned) else "update"

    def changes(self) -> list[str]:
        found = []
        with self._at("second plan"):
            for address, state in self.states.items():
                if not _is_managed(address):
                    continue
                provider, schema = self.asked(address)
                prior = provider.read(schema, state)
                if address in self.tainted:
                    found.append(f"replace {address}")
                elif prior is None:
                    found.append(f"create {address}")
                else:
                    planned, _ = self._planned(address, prior)
                    different = [name for name, value in planned.items() if value != prior.get(name)]
                    if different:
                        found.append(f"update {address}: {', '.join(different)}")
        missing = [each for each in self.addresses() if each not in self.states]
        return found + [f"create {address}" for address in missing]

    def destroy(self) -> list[str]:
        """Deletes what the state holds, in the opposite order. Returns the errors."""
        self.failed.clear()
        protected = [each for each in self.states if _is_managed(each) and self.is_protected(each)]
        if protected:
            return [f"Instance cannot be destroyed: {each} has lifecycle.prevent_destroy set" for each in protected]

        def delete(address: str) -> None:
            # What others still need stays: they could not be deleted.
            if any(address in self.needs(other) for other in self.failed):
                raise _Skipped(address)
            if _is_managed(address):
                provider, schema = self.asked(address)
                if provider.read(schema, self.states[address]) is not None:
                    provider.delete(schema, self.states[address])
            self.states.pop(address)
            self.tainted.discard(address)

        with self._at("destroy"):
            return self._each([*reversed(self.states)], delete)

    def adopt(self, address: str, id_: str) -> None:
        """`terraform import`."""
        with self._at("import"):
            provider, schema = self.asked(address)
            self.states[address] = provider.find(schema, id_)

    def _each(self, addresses: list[str], work: Callable[[str], object]) -> list[str]:
        """Does the work for each address, goes on where it fails, and says what failed."""
        errors = []
        self.broke = ""
        for address in addresses:
            try:
                work(address)
                continue
            except _Skipped:
                self.failed.add(address)
                continue
            except Refused as refused:
                said = f"{refused.problem.summary}\n{refused.problem.detail}".rstrip()
                errors.append(said if _NAMED.match(said) else f"{address}: {said}")
            except ProviderKilled as killed:
                errors.append(f"{address}: {killed}")
            self.failed.add(address)
            self.broke = self.broke or self.step
        return errors

    def _refresh(self) -> list[str]:
        """Reads what the state holds; what is gone from the cloud goes from the state. Data is read anew."""
        self.states = {address: state for address, state in self.states.items() if _is_managed(address)}

        def read(address: str) -> None:
            provider, schema = self.asked(address)
            state = provider.read(schema, self.states[address])
            if state is None:
                self.states.pop(address)
                self.tainted.discard(address)
            else:
                self.states[address] = state

        errors = self._each([*self.states], read)
        self.failed.clear()
        return errors

    def _planned(self, address: str, prior: State | None) -> tuple[State, State]:
        """The planned state and the configuration."""
        provider, schema = self.asked(address)
        config = self.config(address, schema)
        for problem in validate(schema, config) + provider.validate(schema.name, config):
            if not problem.warning:
                raise Refused(problem.summary, problem.detail, path=problem.path)
        if prior is not None:
            config = kept(config, prior, self.raw(address).get("lifecycle") or {})
        planned = plan(schema, config, prior)
        planned.update(provider.plan(schema, planned, config, prior))
        return planned, config

    @contextlib.contextmanager
    def _at(self, step: str) -> Iterator[None]:
        """Charts and files are named from the stack's folder."""
        self.step = step
        with contextlib.chdir(self.stack.folder):
            try:
                yield
            except Refused as refused:
                message = f"{refused.problem.summary}\n{refused.problem.detail}".rstrip()
                raise StepFailed(self.step, message, self.stack.name) from None

    def state_of(self, address: str) -> State:
        """The object's state; it is created, changed or read first where this run has not done so yet."""
        if address in self.settled:
            return self.states[address]
        if address in self.failed:
            raise _Skipped(address)
        for other in self.raw(address).get("depends_on", []):
            self.state_of(other)
        type_ = address.split(".")[1 if address.startswith("data.") else 0]
        if type_ == "terraform_data":
            given = self.resolved(self.raw(address).get("input"))
            state: State = {"input": given, "output": given}
        elif address.startswith("data."):
            schema = self.schema("data", type_)
            state = self.provider(type_).data(schema, self.config(address, schema))
        else:
            state = self._applied(address)
        self.settled.add(address)
        # Last, as Terraform deletes in the opposite order of what things need.
        self.states.pop(address, None)
        self.states[address] = state
        return state

    def _applied(self, address: str) -> State:
        self.step = "plan"
        try:
            return self._changed(address)
        except _Skipped:
            self.failed.add(address)
            raise
        except ProviderKilled as killed:
            self.failed.add(address)
            raise Refused(f"{address}: {killed}") from None
        except Refused as refused:
            self.failed.add(address)
            problem = refused.problem
            if _NAMED.match(problem.summary):
                # What it needs has failed.
                raise
            raise Refused(f"{address}: {problem.summary}", problem.detail, path=problem.path) from None

    def _changed(self, address: str) -> State:
        """Creates, changes or replaces one object; what a failure leaves stands in the state."""
        prior = self.states.get(address)
        planned, config = self._planned(address, prior if address not in self.tainted else None)
        provider, schema = self.asked(address)
        if prior is not None and address not in self.tainted and not replacements(schema, prior, planned):
            if all(value == prior.get(name) for name, value in planned.items()):
                return prior
            self.step = "apply"
            try:
                return provider.update(schema, prior, planned, config)
            except Refused as refused:
                self.states[address] = refused.state if isinstance(refused.state, dict) else prior
                raise
        if prior is not None:
            if self.is_protected(address):
                raise Refused(
                    "Instance cannot be destroyed",
                    f"Resource {address} has lifecycle.prevent_destroy set, but the plan calls for this resource to be "
                    "destroyed.",
                )
            self.step = "apply"
            provider.delete(schema, prior)
            self.states.pop(address)
            self.tainted.discard(address)
            planned, config = self._planned(address, None)
        self.step = "apply"
        try:
            return provider.create(schema, planned, config)
        except Refused as refused:
            if isinstance(refused.state, dict):
                self.states[address] = refused.state
                self.tainted.add(address)
            raise


def _is_managed(address: str) -> bool:
    return not address.startswith(("data.", "terraform_data."))
