"""Values of a configuration as Terraform hands them to a provider."""

import re
from typing import Any

from rehearsal.protocol.provider import State
from rehearsal.protocol.schema import Block
from rehearsal.protocol.values import Value


def text_of(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def typed(block: Block, config: State) -> State:
    """As Terraform converts what JSON says: numbers that are texts, texts that are numbers."""
    made: State = {name: _as(config[name], each.type) for name, each in block.attributes.items()}
    for name, nested in block.blocks.items():
        value = config[name]
        if isinstance(value, list):
            made[name] = [typed(nested.block, each) for each in value]
        else:
            made[name] = typed(nested.block, value) if isinstance(value, dict) else value
    return made


def _as(value: Value, type_: Any) -> Value:
    if isinstance(type_, list) and type_[0] in ("list", "set", "map"):
        if isinstance(value, dict):
            return {key: _as(each, type_[1]) for key, each in value.items()}
        return [_as(each, type_[1]) for each in value] if isinstance(value, list) else value
    if type_ == "string" and isinstance(value, int | float):
        return text_of(value)
    if type_ == "number" and isinstance(value, str):
        return float(value) if "." in value else int(value)
    if type_ == "bool" and isinstance(value, str):
        return value == "true"
    return value


def kept(config: State, prior: State, lifecycle: dict[str, Any]) -> State:
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
