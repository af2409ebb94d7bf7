"""Faults in releases: in the chart, and in its values."""

import json
import random
from collections.abc import Iterator
from typing import Any

from tests.mutants.platform import DROPPED, Element, Mutant, Platform, argument, at, texts


def _releases(platform: Platform) -> Iterator[tuple[Element, Any]]:
    for element in platform.elements("helm_release"):
        yield element, json.loads(platform.of(element)["values"][0])


def _value(element: Element, path: tuple[Any, ...], value: Any, *, name: str = "") -> Mutant:
    """One value; under another name, where that is given."""

    def change(mutated: Platform) -> None:
        [text] = mutated.of(element)["values"]
        values = json.loads(text)
        inside = at(values, *path[:-1])
        if name:
            inside[name] = inside.pop(path[-1])
        elif value is DROPPED:
            del inside[path[-1]]
        else:
            inside[path[-1]] = value
        mutated.of(element)["values"] = [json.dumps(values)]

    what = f"written {name}" if name else "dropped" if value is DROPPED else f"= {json.dumps(value)[:40]}"
    return Mutant(where=f"{element.where}: values {'.'.join(map(str, path))} {what}", change=change)


def value_that_the_chart_does_not_know(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element, values in _releases(platform):
        for name, inner in values.items():
            yield _value(element, (name,), None, name=f"{name}s")
            for deeper in inner if isinstance(inner, dict) and name not in _COPIED else ():
                yield _value(element, (name, deeper), None, name=f"{deeper}X")


_COPIED = {"containerSecurityContext", "podSecurityContext"}


def value_of_another_sort(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element, values in _releases(platform):
        for name, inner in values.items():
            if isinstance(inner, dict | list):
                yield _value(element, (name,), "on")


def chart_that_there_is_not(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element in platform.elements("helm_release"):
        raw = platform.of(element)
        if "version" in raw:
            yield argument(element, ("version",), "99.0.0")
            yield argument(element, ("version",), DROPPED)
            yield argument(element, ("repository",), "https://charts.example.com")
        yield argument(element, ("chart",), f"{raw['chart']}s")


def pods_of_a_chart_that_do_not_start(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element, values in _releases(platform):
        for path, _ in list(texts(values)):
            if path[-1] == "metaflow-gcp/pool":
                yield _value(element, path, "nowhere")
                if (*path[:-2], "tolerations", 0, "key") in [each for each, _ in texts(values)]:
                    yield _value(element, (*path[:-2], "tolerations"), [])
            if path[-2:] == ("requests", "memory"):
                yield _value(element, path, "900Gi")
            if path[-2:] == ("serviceAccount", "name"):
                yield _value(element, path, "nobody")


def image_of_a_chart_that_does_not_exist(platform: Platform, chance: random.Random) -> Iterator[Mutant]:
    for element, values in _releases(platform):
        for path, text in texts(values):
            if path[-1] == "tag" or (
                str(path[-1]).lower().endswith("image") and ":" in text and "nats" not in path[:2]
            ):
                yield _value(element, path, f"{text}99")


WAYS = {
    "value that the chart does not know": value_that_the_chart_does_not_know,
    "value of another sort": value_of_another_sort,
    "chart that there is not": chart_that_there_is_not,
    "pods of a chart that do not start": pods_of_a_chart_that_do_not_start,
    "image of a chart that does not exist": image_of_a_chart_that_does_not_exist,
}
