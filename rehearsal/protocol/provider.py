"""What a provider of ours answers; `Service` does the protocol around it."""

from __future__ import annotations

from typing import Protocol

from rehearsal.protocol.errors import Problem
from rehearsal.protocol.schema import Schema
from rehearsal.protocol.values import Value

State = dict[str, Value]


class Provider(Protocol):
    """One provider. A method that is refused something raises `Refused`."""

    legacy: bool
    """Whether the real provider is written on the old plugin SDK, to which Terraform grants liberties.

    A default may stand where nothing is configured.
    """

    def schema(self, kind: str, type_: str) -> Schema | None: ...

    def configure(self, config: State) -> None: ...

    def validate(self, type_: str, config: State) -> list[Problem]:
        """Checks beyond the schema's constraints."""
        ...

    def plan(self, schema: Schema, planned: State, config: State, prior: State | None) -> State:
        """What of the plan is otherwise, because this provider knows more beforehand or less."""
        ...

    def create(self, schema: Schema, planned: State, config: State) -> State: ...

    def read(self, schema: Schema, state: State) -> State | None: ...

    def update(self, schema: Schema, prior: State, planned: State, config: State) -> State: ...

    def delete(self, schema: Schema, state: State) -> None: ...

    def find(self, schema: Schema, id_: str) -> State:
        """The state of an existing object, by its import id."""
        ...

    def data(self, schema: Schema, config: State) -> State: ...

    def call(self, function: str, arguments: list[Value]) -> Value: ...
