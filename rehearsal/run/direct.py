"""A synthesized app on the simulated cloud without Terraform: a deployment in two seconds rather than in a minute.

It does what Terraform does with what our stacks are made of: references, `depends_on`, `ignore_changes`, data sources,
outputs of other stacks. A function's result is made up, the same each time. What it does not know it refuses.
`python -m rehearsal` and `check` leave nothing to it: they ask the real Terraform.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from rehearsal.cloud import invent
from rehearsal.cloud.model import Cloud
from rehearsal.facts import PROVIDERS, Facts
from rehearsal.plugin import provider_of
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.plan import plan
from rehearsal.protocol.provider import Provider, State
from rehearsal.protocol.schema import Block, Schema
from rehearsal.protocol.validate import validate
from rehearsal.protocol.values import Value
from rehearsal.run import static
from rehearsal.run.errors import StepFailed
from rehearsal.run.references import EXPRESSION, FUNCTION, META, TRAVERSAL, parse
from rehearsal.run.seed import whole
from rehearsal.run.stacks import Stack


@dataclass(kw_only=True)
class Direct:
    """The stacks of one app in one cloud."""

    cloud: Cloud
    stacks: list[Stack]
    first: tuple[str, ...] = ()
    """Addresses whose turn comes before all others', as far as their dependencies allow: Terraform promises no order
    beyond that."""
    made: "dict[str, _Stack]" = field(default_factory=dict)

    def deploy(self) -> None:
        """Creates everything, in the order in which things depend on each other."""
        for stack in self.stacks:
            self.made[stack.name] = _Stack(cloud=self.cloud, stack=stack, others=self.made, first=self.first)
            self.made[stack.name].apply()

    def changes(self) -> list[str]:
        """What a further plan of all stacks would change: `update address: attribute, attribute`."""
        return [change for each in self.made.values() for change in each.changes()]

    def destroy(self) -> None:
        for each in reversed(self.made.values()):
            each.destroy()


@dataclass(kw_only=True)
class _Stack:
    cloud: Cloud
    stack: Stack
    others: "dict[str, _Stack]"
    first: tuple[str, ...] = ()
    states: dict[str, State] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.configuration = self.stack.configuration()
        self.providers: dict[str, Provider] = {}
        self.step = ""

    def apply(self) -> None:
        with self._at("validate"):
            for problem in static.problems(self.configuration, self._found):
                raise Refused(problem)
        with self._at("plan"):
            for address in self._addresses():
                self._state(address)

    def changes(self) -> list[str]:
        found = []
        with self._at("second plan"):
            for address, state in self.states.items():
                type_ = address.split(".")[0]
                if type_ in ("data", "terraform_data"):
                    continue
                provider, schema = self._provider(type_), self._schema("resource", type_)
                prior = provider.read(schema, state)
                if prior is None:
                    found.append(f"create {address}")
                    continue
                config = _kept(self._config(address, schema), prior, self._raw(address).get("lifecycle") or {})
                planned = plan(schema, config, prior)
                planned.update(provider.plan(schema, planned, config, prior))
                different = [name for name, value in planned.items() if value != prior.get(name)]
                if different:
                    found.append(f"update {address}: {', '.join(different)}")
        return found

    def destroy(self) -> None:
        with self._at("destroy"):
            for address in self.states:
                if not address.startswith("data.") and self._raw(address).get("lifecycle", {}).get("prevent_destroy"):
                    raise Refused(f"Instance cannot be destroyed: {address} has lifecycle.prevent_destroy set")
            for address, state in reversed(self.states.items()):
                type_ = address.split(".")[0]
                if type_ not in ("data", "terraform_data"):
                    self._provider(type_).delete(self._schema("resource", type_), state)

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

    def _addresses(self) -> list[str]:
        resources = self.configuration.get("resource", {})
        found = [f"{type_}.{name}" for type_, named in resources.items() for name in named]
        return sorted(found, key=lambda address: address not in self.first)

    def _raw(self, address: str) -> dict[str, Any]:
        kind, type_, name = address.split(".") if address.startswith("data.") else ("resource", *address.split("."))
        raw: dict[str, Any] = self.configuration[kind][type_][name]
        if raw.keys() & {"count", "for_each", "provider", "provisioner"}:
            raise NotImplementedError(f"{address}: only plain resources")
        return raw

    def _config(self, address: str, schema: Schema) -> State:
        raw = {name: value for name, value in self._raw(address).items() if name not in META}
        return _typed(schema.block, whole(schema.block, self.resolved(raw)))

    def _state(self, address: str) -> State:
        """The object's state; it is created or read first where that has not happened yet."""
        if address in self.states:
            return self.states[address]
        for other in self._raw(address).get("depends_on", []):
            self._state(other)
        type_ = address.split(".")[1 if address.startswith("data.") else 0]
        if type_ == "terraform_data":
            given = self.resolved(self._raw(address).get("input"))
            state: State = {"input": given, "output": given}
        elif address.startswith("data."):
            schema = self._schema("data", type_)
            state = self._provider(type_).data(schema, self._config(address, schema))
        else:
            state = self._create(address, type_)
        return self.states.setdefault(address, state)

    def _create(self, address: str, type_: str) -> State:
        provider, schema = self._provider(type_), self._schema("resource", type_)
        config = self._config(address, schema)
        self.step = "plan"
        for problem in validate(schema, config) + provider.validate(type_, config):
            if not problem.warning:
                raise Refused(f"{address}: {problem.summary}", problem.detail, path=problem.path)
        planned = plan(schema, config, None)
        planned.update(provider.plan(schema, planned, config, None))
        self.step = "apply"
        return provider.create(schema, planned, config)

    def _found(self, kind: str, type_: str) -> Schema | None:
        name = type_.partition("_")[0]
        return facts(name).schema(kind, type_) if name in PROVIDERS else None

    def _schema(self, kind: str, type_: str) -> Schema:
        found = self._provider(type_).schema(kind, type_)
        if found is None:
            raise Refused(f"there is no {kind} type {type_}")
        return found

    def _provider(self, type_: str) -> Provider:
        name = type_.partition("_")[0]
        if name not in self.providers:
            made = provider_of(name, facts(name), self.cloud)
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
        return EXPRESSION.sub(lambda found: _text(self._expression(found[1])), value).replace("$${", "${")

    def _expression(self, text: str) -> Value:
        if FUNCTION.fullmatch(text):
            return invent.digest(text, length=64)
        if not TRAVERSAL.fullmatch(text):
            raise NotImplementedError(f"{self.stack.name}: an expression of another sort: {text}")
        reference = parse(text)
        rest = list(reference.rest)
        if reference.address.startswith("data.terraform_remote_state."):
            value, rest = self._output(reference.address.split(".")[2], rest[1]), rest[2:]
        else:
            value = self._state(reference.address)
        for step in rest:
            value = value[int(step)] if isinstance(value, list) else value[step]
        return value


@cache
def facts(provider: str) -> Facts:
    return Facts(provider)


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _typed(block: Block, config: State) -> State:
    """As Terraform converts what JSON says: numbers that are texts, texts that are numbers."""
    typed: State = {name: _as(config[name], each.type) for name, each in block.attributes.items()}
    for name, nested in block.blocks.items():
        value = config[name]
        if isinstance(value, list):
            typed[name] = [_typed(nested.block, each) for each in value]
        else:
            typed[name] = _typed(nested.block, value) if isinstance(value, dict) else value
    return typed


def _as(value: Value, type_: Any) -> Value:
    if isinstance(type_, list) and type_[0] in ("list", "set", "map"):
        if isinstance(value, dict):
            return {key: _as(each, type_[1]) for key, each in value.items()}
        return [_as(each, type_[1]) for each in value] if isinstance(value, list) else value
    if type_ == "string" and isinstance(value, int | float):
        return _text(value)
    if type_ == "number" and isinstance(value, str):
        return float(value) if "." in value else int(value)
    if type_ == "bool" and isinstance(value, str):
        return value == "true"
    return value


def _kept(config: State, prior: State, lifecycle: dict[str, Any]) -> State:
    """The configuration with what `ignore_changes` names as it is."""
    for ignored in lifecycle.get("ignore_changes", []):
        steps = re.findall(r"[\w-]+", ignored)
        config = _replaced(config, prior, steps)
    return config


def _replaced(config: Value, prior: Value, steps: list[str]) -> Any:
    if not steps:
        return prior
    if isinstance(config, list):
        index = int(steps[0])
        return [_replaced(each, prior[at], steps[1:]) if at == index else each for at, each in enumerate(config)]
    return {**config, steps[0]: _replaced(config[steps[0]], prior[steps[0]], steps[1:])}
