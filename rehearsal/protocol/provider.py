"""What a provider of ours answers; `Service` does the protocol around it."""

from abc import ABC, abstractmethod
from typing import Protocol

from rehearsal.protocol.errors import Problem, Refused
from rehearsal.protocol.schema import Schema
from rehearsal.protocol.values import Value

State = dict[str, Value]


class Schemas(Protocol):
    """What is known of a provider's types."""

    def schema(self, kind: str, name: str) -> Schema | None: ...


class Provider(ABC):
    """One provider. A method that is refused something raises `Refused`."""

    name: str
    legacy: bool
    """Whether the real provider is written on the old plugin SDK, to which Terraform grants liberties.

    A default may stand where nothing is configured.
    """

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas

    def schema(self, kind: str, type_: str) -> Schema | None:
        return self.schemas.schema(kind, self.name if kind == "provider" else type_)

    @abstractmethod
    def configure(self, config: State) -> None: ...

    def validate(self, type_: str, config: State) -> list[Problem]:
        """Checks beyond the schema's constraints."""
        return []

    @abstractmethod
    def plan(self, schema: Schema, planned: State, config: State, prior: State | None) -> State:
        """What of the plan is otherwise, because this provider knows more beforehand or less."""

    @abstractmethod
    def create(self, schema: Schema, planned: State, config: State) -> State: ...

    @abstractmethod
    def read(self, schema: Schema, state: State) -> State | None: ...

    @abstractmethod
    def update(self, schema: Schema, prior: State, planned: State, config: State) -> State: ...

    @abstractmethod
    def delete(self, schema: Schema, state: State) -> None: ...

    @abstractmethod
    def find(self, schema: Schema, id_: str) -> State:
        """The state of an existing object, by its import id."""

    def data(self, schema: Schema, config: State) -> State:
        raise Refused(f"The rehearsal knows no answer for the data source {schema.name}.")

    def call(self, function: str, arguments: list[Value]) -> Value:
        raise Refused(f"The rehearsal does not know the function {function} of the {self.name} provider.")
