"""Faults in the text of a stack: what is written is not what Terraform or a provider takes."""

import json
import random
from collections.abc import Iterator

from rehearsal.protocol.schema import Attribute
from tests.mutants.platform import DROPPED, Mutant, Platform, argument, arguments, expressions, schema

_READ_BY_SERVICES = "${data.terraform_remote_state.infra.outputs."


def argument_renamed(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements():
        for path, value, _ in arguments(schema(element).block, platform.of(element)):
            name = str(path[-1])
            other = f"{name[:-2]}{name[-1]}{name[-2]}" if name[-1] != name[-2] else f"{name}s"

            def change(mutated: Platform, element=element, path=path, value=value, other=other) -> None:
                argument(element, path, DROPPED).change(mutated)
                argument(element, (*path[:-1], other), value).change(mutated)

            yield Mutant(where=f"{element.where}: {'.'.join(map(str, path))} written {other}", change=change)


def required_argument_dropped(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements():
        for path, _, what in arguments(schema(element).block, platform.of(element)):
            if what.required if isinstance(what, Attribute) else what.min_items:
                yield argument(element, path, DROPPED)


def value_of_another_type(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements():
        for path, value, what in arguments(schema(element).block, platform.of(element)):
            if not isinstance(what, Attribute) or what.nested or value is None:
                continue
            if what.type in ("number", "bool"):
                yield argument(element, path, "many")
            elif what.type == "string":
                yield argument(element, path, [value])
            elif isinstance(what.type, list):
                yield argument(element, path, "one")


def value_that_is_not_allowed(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements():
        limits = schema(element).constraints
        for path, value, _ in arguments(schema(element).block, platform.of(element)):
            constraint = limits.get(".".join(step for step in path if isinstance(step, str)), {})
            if "one_of" in constraint and isinstance(value, str) and "${" not in value:
                yield argument(element, path, f"{value}S")
            elif "max" in constraint and isinstance(value, int):
                yield argument(element, path, constraint["max"] + 1)


def reference_to_nothing(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements():
        for path, text, expression in expressions(platform.of(element)):
            head, dot, rest = expression.rpartition(".") if expression.count(".") > 1 else (expression, "", "")
            wrong = (
                head.replace(".", ".the-", 1) if not head.startswith("${data") else head.replace("data.", "data.the_")
            )
            yield argument(element, path, text.replace(expression, f"{wrong}{dot}{rest}"))


def attribute_that_there_is_not(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements():
        for path, text, expression in expressions(platform.of(element)):
            yield argument(element, path, text.replace(expression, f"{expression[:-1]}s}}"))


def cycle(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    """What an element refers to is told to wait for it."""
    for element in platform.elements():
        used = {expression[2:-1] for _, _, expression in expressions(platform.of(element))}
        for other in platform.elements():
            if other.stack == element.stack and any(each.startswith(f"{other.address}.") for each in used):
                before = platform.of(other).get("depends_on", [])
                yield argument(other, ("depends_on",), [*before, element.address])


def output_dropped(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    read = json.dumps(platform.stacks["services"])
    for name in platform.stacks["infra"]["output"]:
        if f"{_READ_BY_SERVICES}{name}" in read or f"infra.outputs.{name}" in read:

            def change(mutated: Platform, name=name) -> None:
                del mutated.stacks["infra"]["output"][name]

            yield Mutant(where=f"infra output {name}", change=change)


def type_renamed(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements():

        def change(mutated: Platform, element=element) -> None:
            named = mutated.stacks[element.stack]["resource"]
            named.setdefault(f"{element.type}s", {})[element.name] = named[element.type].pop(element.name)

        yield Mutant(where=f"{element.where}: {element.type}s", change=change)


def provider_without_its_configuration(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for stack, document in platform.stacks.items():
        for provider, [configured] in document["provider"].items():
            inside = configured.get("kubernetes", configured)
            for name in inside.keys() & {"host", "token"}:

                def change(mutated: Platform, stack=stack, provider=provider, name=name) -> None:
                    [configured] = mutated.stacks[stack]["provider"][provider]
                    configured.get("kubernetes", configured)[name] = "https://10.0.0.2" if name == "host" else "expired"

                yield Mutant(where=f"{stack} provider {provider}: {name}", change=change)


WAYS = {
    "argument renamed": argument_renamed,
    "required argument dropped": required_argument_dropped,
    "value of another type": value_of_another_type,
    "value that the provider does not allow": value_that_is_not_allowed,
    "reference to a resource that is not declared": reference_to_nothing,
    "reference to an attribute that there is not": attribute_that_there_is_not,
    "cyclic dependency": cycle,
    "output dropped that another stack reads": output_dropped,
    "resource type renamed": type_renamed,
    "provider's access to the cluster wrong": provider_without_its_configuration,
}
