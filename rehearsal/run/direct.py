"""A synthesized app on the simulated cloud without Terraform: a deployment in two seconds rather than in a minute.

It does what Terraform does with what our stacks are made of: references, `depends_on`, `ignore_changes`, data sources,
outputs of other stacks. A function's result is made up, the same each time. What it does not know it refuses.
`python -m rehearsal` and `check` leave nothing to it: they ask the real Terraform.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rehearsal.cloud import invent
from rehearsal.cloud.model import Cloud
from rehearsal.facts import Facts
from rehearsal.plugin import provider_of
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.plan import plan
from rehearsal.protocol.provider import Provider, State
from rehearsal.protocol.schema import Block, Schema
from rehearsal.protocol.validate import validate
from rehearsal.protocol.values import Value
from rehearsal.run.errors import StepFailed
from rehearsal.run.seed import whole
from rehearsal.run.stacks import Stack

_EXPRESSION = re.compile(r"(?<!\$)\$\{((?:[^{}\"]|\"(?:[^\"\\]|\\.)*\")*)\}")
_TRAVERSAL = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\d+\])+")
_FUNCTION = re.compile(r"[a-z0-9]+\(.*\)", re.DOTALL)
_IGNORED = {"count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"}


@dataclass(kw_only=True)
class Direct:
    """The stacks of one app in one cloud."""

    cloud: Cloud
    stacks: list[Stack]
    made: "dict[str, _Stack]" = field(default_factory=dict)

    def deploy(self) -> None:
        """Creates everything, in the order in which things depend on each other."""
        for stack in self.stacks:
            self.made[stack.name] = _Stack(cloud=self.cloud, stack=stack, others=self.made)
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
    states: dict[str, State] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.configuration = self.stack.configuration()
        self.providers: dict[str, Provider] = {}

    def apply(self) -> None:
        with self._at("apply"):
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
            for address, state in reversed(self.states.items()):
                type_ = address.split(".")[0]
                if type_ not in ("data", "terraform_data"):
                    self._provider(type_).delete(self._schema("resource", type_), state)

    @contextlib.contextmanager
    def _at(self, step: str) -> Iterator[None]:
        """Charts and files are named from the stack's folder."""
        with contextlib.chdir(self.stack.folder):
            try:
                yield
            except Refused as refused:
                raise StepFailed(
                    step, f"{refused.problem.summary}\n{refused.problem.detail}", self.stack.name
                ) from None

    def _addresses(self) -> list[str]:
        resources = self.configuration.get("resource", {})
        return [f"{type_}.{name}" for type_, named in resources.items() for name in named]

    def _raw(self, address: str) -> dict[str, Any]:
        kind, type_, name = address.split(".") if address.startswith("data.") else ("resource", *address.split("."))
        raw: dict[str, Any] = self.configuration[kind][type_][name]
        if raw.keys() & {"count", "for_each", "provider", "provisioner"}:
            raise NotImplementedError(f"{address}: only plain resources")
        return raw

    def _config(self, address: str, schema: Schema) -> State:
        raw = {name: value for name, value in self._raw(address).items() if name not in _IGNORED}
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
        for problem in validate(schema, config) + provider.validate(type_, config):
            if not problem.warning:
                raise Refused(f"{address}: {problem.summary}", problem.detail, path=problem.path)
        planned = plan(schema, config, None)
        planned.update(provider.plan(schema, planned, config, None))
        return provider.create(schema, planned, config)

    def _schema(self, kind: str, type_: str) -> Schema:
        found = self._provider(type_).schema(kind, type_)
        if found is None:
            raise Refused(f"there is no {kind} type {type_}")
        return found

    def _provider(self, type_: str) -> Provider:
        name = type_.partition("_")[0]
        if name not in self.providers:
            made = provider_of(name, Facts(name), self.cloud)
            schema = made.schema("provider", "provider")
            [config] = self.configuration["provider"][name]
            if schema:
                made.configure(whole(schema.block, self.resolved(config)))
            self.providers[name] = made
        return self.providers[name]

    def resolved(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.resolved(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.resolved(inner) for inner in value]
        if not isinstance(value, str):
            return value
        alone = _EXPRESSION.fullmatch(value)
        if alone:
            return self._expression(alone[1])
        return _EXPRESSION.sub(lambda found: _text(self._expression(found[1])), value).replace("$${", "${")

    def _expression(self, text: str) -> Value:
        if _FUNCTION.fullmatch(text):
            return invent.digest(text, length=64)
        if not _TRAVERSAL.fullmatch(text):
            raise NotImplementedError(f"{self.stack.name}: an expression of another sort: {text}")
        steps = re.findall(r"[A-Za-z_][\w-]*|\d+(?=\])", text)
        if steps[:2] == ["data", "terraform_remote_state"]:
            other = self.others[steps[2]]
            value = other.resolved(other.configuration["output"][steps[4]]["value"])
            rest = steps[5:]
        else:
            depth = 3 if steps[0] == "data" else 2
            value, rest = self._state(".".join(steps[:depth])), steps[depth:]
        for step in rest:
            value = value[int(step)] if isinstance(value, list) else value[step]
        return value


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
