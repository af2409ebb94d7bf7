"""A provider around another one, whose calls break where a fault is asked for."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rehearsal.faults import store
from rehearsal.faults.address import Addresses
from rehearsal.faults.fault import Fault, Operation
from rehearsal.faults.outcomes import SAVES_PLAN_UNREAD, outcome
from rehearsal.faults.timeouts import minutes
from rehearsal.faults.wording import message
from rehearsal.protocol.errors import Problem, Refused
from rehearsal.protocol.provider import Provider, State
from rehearsal.protocol.schema import Schema
from rehearsal.protocol.values import UNKNOWN, Value

if TYPE_CHECKING:
    from rehearsal.cloud.model import Cloud

SECONDS_A_MINUTE = 0.05
"""How long the rehearsal waits for a minute of a slow operation."""


def kill(cloud: "Cloud", name: str) -> None:
    """SIGKILL: this process, the provider, or another one."""
    pid = os.getpid() if name == "provider" else store.process(cloud, name)
    if pid:
        os.kill(pid, signal.SIGKILL)
        # It has gone before it hears the answer.
        time.sleep(0.2)


class Faulty(Provider):
    """Asks the provider that it is around, before or after which it breaks."""

    def __init__(self, inner: Provider, cloud: "Cloud") -> None:
        super().__init__(inner.schemas)
        self.inner, self.cloud = inner, cloud
        self.name, self.legacy = inner.name, inner.legacy
        self.address: str | None = None
        """The resource that is asked for, where whoever asks knows it; Terraform does not say it."""
        self.kill: Callable[[Cloud, str], None] = kill

    def configure(self, config: State) -> None:
        self.inner.configure(config)

    def validate(self, type_: str, config: State) -> list[Problem]:
        return self.inner.validate(type_, config)

    def plan(self, schema: Schema, planned: State, config: State, prior: State | None) -> State:
        return self.inner.plan(schema, planned, config, prior)

    def find(self, schema: Schema, id_: str) -> State:
        return self.inner.find(schema, id_)

    def data(self, schema: Schema, config: State) -> State:
        return self.inner.data(schema, config)

    def call(self, function: str, arguments: list[Value]) -> Value:
        return self.inner.call(function, arguments)

    def create(self, schema: Schema, planned: State, config: State) -> State:
        fault = self._meets(schema, "create", config)
        if fault is None:
            return self.inner.create(schema, planned, config)
        if fault.kind == "stockout":
            # The pool is there, without nodes.
            raise self._breaks(fault, schema, "create", config, self.inner.create(schema, planned, config))
        if not self._acts(fault, schema, "create", config):
            raise self._breaks(fault, schema, "create", config)
        state = self.inner.create(schema, planned, config)
        if self._goes_on(fault, schema, "create", config):
            return state
        self._kill(fault)
        match outcome(schema.name, config):
            case "noticed":
                return state
            case "undone":
                self.inner.delete(schema, state)
                raise self._breaks(fault, schema, "create", config)
            case "tainted":
                raise self._breaks(fault, schema, "create", config, state)
        raise self._breaks(fault, schema, "create", config)

    def read(self, schema: Schema, state: State) -> State | None:
        fault = self._meets(schema, "read", state)
        if fault and not self._goes_on(fault, schema, "read", state):
            self._kill(fault)
            raise self._breaks(fault, schema, "read", state)
        return self.inner.read(schema, state)

    def update(self, schema: Schema, prior: State, planned: State, config: State) -> State:
        fault = self._meets(schema, "update", config)
        if fault is None:
            return self.inner.update(schema, prior, planned, config)
        if self._acts(fault, schema, "update", config):
            state = self.inner.update(schema, prior, planned, config)
            if self._goes_on(fault, schema, "update", config):
                return state
            self._kill(fault)
        raise self._breaks(fault, schema, "update", config, self._saved(schema, prior, planned))

    def delete(self, schema: Schema, state: State) -> None:
        fault = self._meets(schema, "delete", state)
        if fault is None:
            self.inner.delete(schema, state)
            return
        if self._acts(fault, schema, "delete", state):
            self.inner.delete(schema, state)
            if self._goes_on(fault, schema, "delete", state):
                return
            self._kill(fault)
        raise self._breaks(fault, schema, "delete", state)

    def _meets(self, schema: Schema, operation: Operation, values: State) -> Fault | None:
        return store.take(self.cloud, schema.name, operation, self._named(schema, values))

    def _named(self, schema: Schema, values: State) -> Callable[[], str]:
        return lambda: self.address or Addresses(self.cloud, Path.cwd()).of(schema.name, values)

    def _acts(self, fault: Fault, schema: Schema, operation: Operation, values: State) -> bool:
        """Whether the cloud acts before it breaks. What is killed before, is killed here."""
        if fault.kind == "slow":
            time.sleep(SECONDS_A_MINUTE * min(int(fault.value), minutes(schema.name, operation, values)))
            return True
        if fault.when == "before":
            self._kill(fault)
        return fault.when == "after"

    def _goes_on(self, fault: Fault, schema: Schema, operation: Operation, values: State) -> bool:
        """Whether it takes its time, and no more than the provider has."""
        return fault.kind == "slow" and int(fault.value) <= minutes(schema.name, operation, values)

    def _saved(self, schema: Schema, prior: State, planned: State) -> State:
        """What the state holds after an update that failed.

        A read corrects all of it but what the API does not tell: there the plan stands.
        """
        return prior | {
            name: planned[name] for name in SAVES_PLAN_UNREAD.get(schema.name, ()) if planned[name] is not UNKNOWN
        }

    def _kill(self, fault: Fault) -> None:
        if fault.kind == "killed":
            self.kill(self.cloud, fault.value)

    def _breaks(
        self, fault: Fault, schema: Schema, operation: Operation, values: State, state: State | None = None
    ) -> Refused:
        if fault.kind == "killed":
            return Refused("the process that asks has been killed", state=state)
        summary, detail = message(fault, schema.name, operation, values, minutes(schema.name, operation, values))
        return Refused(summary, detail, state=state)
