"""What a stack's configuration says, with its expressions worked out, and the providers that it configures."""

import random
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache
from typing import Any

from rehearsal.cloud.model import Cloud
from rehearsal.facts import PROVIDERS, Facts
from rehearsal.faults.provider import Faulty
from rehearsal.plugin import provider_of
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.provider import State
from rehearsal.protocol.schema import Schema
from rehearsal.protocol.values import Value
from rehearsal.run import functions
from rehearsal.run.evaluate import text_of, typed
from rehearsal.run.references import EXPRESSION, FUNCTION, META, TRAVERSAL, parse, references
from rehearsal.run.seed import whole
from rehearsal.run.stacks import Stack


class ProviderKilled(Exception):
    """A provider that `killed` would have ended with its process."""


@dataclass(kw_only=True)
class Configured(ABC):
    """One stack's configuration, in a cloud; `others` are those whose outputs it reads."""

    cloud: Cloud
    stack: Stack
    others: "dict[str, Any]"
    first: tuple[str, ...] = ()
    order: random.Random | None = None

    def __post_init__(self) -> None:
        self.configuration = self.stack.configuration()
        self.providers: dict[str, Faulty] = {}

    @abstractmethod
    def state_of(self, address: str) -> State:
        """The state of a resource or a data source."""

    def addresses(self) -> list[str]:
        resources = self.configuration.get("resource", {})
        found = [f"{type_}.{name}" for type_, named in resources.items() for name in named]
        if self.order:
            found = self.order.sample(found, len(found))
        return sorted(found, key=lambda address: address not in self.first)

    def needs(self, address: str) -> set[str]:
        """The addresses that a resource's configuration names."""
        raw = self.raw(address)
        return {each.address for each in references(raw)} | set(raw.get("depends_on", []))

    def is_protected(self, address: str) -> bool:
        return bool(self.raw(address).get("lifecycle", {}).get("prevent_destroy"))

    def asked(self, address: str) -> tuple[Faulty, Schema]:
        """The provider, told which resource is asked for, and the type's schema."""
        type_ = address.partition(".")[0]
        provider, schema = self.provider(type_), self.schema("resource", type_)
        provider.address = address
        return provider, schema

    def raw(self, address: str) -> dict[str, Any]:
        kind, type_, name = address.split(".") if address.startswith("data.") else ("resource", *address.split("."))
        raw: dict[str, Any] = self.configuration[kind][type_][name]
        if raw.keys() & {"count", "for_each", "provider", "provisioner"}:
            raise NotImplementedError(f"{address}: only plain resources")
        return raw

    def config(self, address: str, schema: Schema) -> State:
        raw = {name: value for name, value in self.raw(address).items() if name not in META}
        return typed(schema.block, whole(schema.block, self.resolved(raw)))

    def found(self, kind: str, type_: str) -> Schema | None:
        name = type_.partition("_")[0]
        return facts(name).schema(kind, type_) if name in PROVIDERS else None

    def schema(self, kind: str, type_: str) -> Schema:
        found = self.provider(type_).schema(kind, type_)
        if found is None:
            raise Refused(f"there is no {kind} type {type_}")
        return found

    def provider(self, type_: str) -> Faulty:
        name = type_.partition("_")[0]
        if name not in self.providers:
            made = provider_of(name, facts(name), self.cloud)
            made.kill = _die
            schema = made.schema("provider", "provider")
            [config] = self.configuration["provider"][name]
            if schema:
                made.configure(whole(schema.block, self.resolved(config)))
            self.providers[name] = made
        return self.providers[name]

    def _output(self, stack: str, name: str) -> Value:
        other = self.others[stack]
        outputs = other.configuration.get("output", {})
        if name not in outputs:
            raise Refused(f'Unsupported attribute: the state of {stack} has no output named "{name}"')
        return other.resolved(outputs[name]["value"])

    def resolved(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.resolved(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.resolved(inner) for inner in value]
        if not isinstance(value, str):
            return value
        alone = EXPRESSION.fullmatch(value)
        if alone:
            return self._expression(alone[1])
        return EXPRESSION.sub(lambda found: text_of(self._expression(found[1])), value).replace("$${", "${")

    def _expression(self, text: str) -> Value:
        if FUNCTION.fullmatch(text):
            return functions.called(text, self._expression)
        if not TRAVERSAL.fullmatch(text):
            raise NotImplementedError(f"{self.stack.name}: an expression of another sort: {text}")
        reference = parse(text)
        rest = list(reference.rest)
        if reference.address.startswith("data.terraform_remote_state."):
            value, rest = self._output(reference.address.split(".")[2], rest[1]), rest[2:]
        else:
            value = self.state_of(reference.address)
        for step in rest:
            value = value[int(step)] if isinstance(value, list) else value[step]
        return value


def _die(_: Cloud, name: str) -> None:
    raise ProviderKilled(
        "Plugin did not respond\nThe plugin encountered an error, and failed to respond to the "
        f"plugin6.(*GRPCProvider).ApplyResourceChange call. (killed={name})"
    )


@cache
def facts(provider: str) -> Facts:
    return Facts(provider)
