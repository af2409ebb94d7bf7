"""Faults in how things depend on each other, and in what they name."""

import random
import re
from collections.abc import Iterator
from typing import Any

from tests.mutants.platform import DROPPED, Element, Mutant, Platform, argument, expressions

_PLAIN = re.compile(r"\$\{(?!data\.)([a-z_0-9]+)\.([\w-]+)\.")


def depends_on_dropped(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    """And Terraform, which promises no order then, begins with what should have waited."""
    for element in platform.elements():
        others = platform.of(element).get("depends_on", [])
        for other in others:

            def change(mutated: Platform, element=element, other=other) -> None:
                raw = mutated.of(element)
                raw["depends_on"] = [each for each in raw["depends_on"] if each != other]
                mutated.first = (element.address,)

            yield Mutant(where=f"{element.where}: {re.sub('_[0-9A-F]{8}$', '', other)}", change=change)


def reference_written_as_its_value(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    """The value is right, the order is lost."""
    for element in platform.elements():
        found = list(expressions(platform.of(element)))
        for path, text, expression in found:
            match, value = _PLAIN.match(expression), platform.values.get(expression)
            if match is None or not isinstance(value, str):
                continue
            # Only where nothing else makes it wait.
            if sum(f"{match[1]}.{match[2]}" in each for _, _, each in found) == 1:
                changed = argument(element, path, text.replace(expression, value))

                def change(mutated: Platform, element=element, changed=changed) -> None:
                    changed.change(mutated)
                    mutated.first = (element.address,)

                yield Mutant(where=changed.where, change=change)


def reference_to_another_of_its_type(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements():
        names = platform.stacks[element.stack]["resource"]
        for path, text, expression in expressions(platform.of(element)):
            match = _PLAIN.match(expression)
            if match is None:
                continue
            other = chance.choice([each for each in names[match[1]] if each != match[2]] or [""])
            alike = path[-1] in ("location", "project", "region")  # The same for all.
            if other and other != element.name and not alike:
                yield argument(element, path, text.replace(expression, expression.replace(match[2], other)))


def name_that_nobody_has(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements():
        for path, text, expression in expressions(platform.of(element)):
            value = platform.values.get(expression)
            if isinstance(value, str) and re.fullmatch(r"[a-z][\w./:@-]+", value):
                yield argument(element, path, text.replace(expression, value[:-1] + ("x" if value[-1] != "x" else "y")))


def resource_dropped(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    """What remains no longer fits: grants have ways of their own."""
    for element in platform.elements():
        if element.type.endswith("_iam_member") or element.type == "google_project_service":
            continue
        yield dropped(element)


def dropped(element: Element, *, said: str = "") -> Mutant:
    def change(mutated: Platform) -> None:
        del mutated.stacks[element.stack][element.kind][element.type][element.name]

    return Mutant(where=said or element.where, change=change)


def name_taken(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    """Somebody else has made such an object, in another deployment or by hand."""
    for element in platform.elements():
        raw = platform.of(element)
        name = raw.get("name") or raw.get("repository_id") or raw.get("account_id") or raw.get("secret_id")
        if element.type in _MADE_BY_OTHERS and isinstance(name, str) and "${" not in name:
            wanted: dict[str, Any] = {key: value for key, value in raw.items() if key in _MADE_BY_OTHERS[element.type]}

            def change(mutated: Platform, element=element, wanted=wanted) -> None:
                mutated.cloud = {"objects": [{"type": element.type, "attributes": wanted}]}

            yield Mutant(where=f"{element.where}: {name}", change=change)


_MADE_BY_OTHERS = {
    "google_compute_network": {"name", "project"},
    "google_service_account": {"account_id", "project"},
    "google_secret_manager_secret": {"secret_id", "project", "replication"},
    "google_storage_bucket": {"name", "location", "project"},
    "google_artifact_registry_repository": {"repository_id", "location", "format", "project"},
}

WAYS = {
    "`depends_on` dropped": depends_on_dropped,
    "reference written as its value": reference_written_as_its_value,
    "reference to another object of its type": reference_to_another_of_its_type,
    "name that nobody has": name_that_nobody_has,
    "resource dropped": resource_dropped,
    "name already taken": name_taken,
}

__all__ = ["DROPPED", "WAYS", "dropped"]
