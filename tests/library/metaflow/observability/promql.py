"""PromQL, as far as our queries use it, over made-up series: one sample a minute.

The parser is a real one; what it parses is evaluated here as Prometheus does (promql/engine.go, promql/functions.go).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import promql_parser as parser

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]
Samples = list[float | None]

LOOKBACK = 5
"""Minutes that a sample counts."""
OVER: dict[str, Callable[[list[float]], float]] = {
    "max_over_time": max,
    "count_over_time": len,
    "last_over_time": lambda values: values[-1],
}
ACROSS: dict[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "max": max,
    "min": min,
    "count": len,
    "avg": lambda values: sum(values) / len(values),
}
COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "==": lambda a, b: a == b,
}
COMPUTE: dict[str, Callable[[float, float], float]] = {"*": lambda a, b: a * b, "/": lambda a, b: a / b}


def series(text: Mapping[str, str]) -> dict[Labels, Samples]:
    """`{'metric{label="value"}': '0x10 1x5 _x3'}`: a value, or nothing, for so many minutes."""
    found = {}
    for name, values in text.items():
        selector: Any = parser.parse(name)
        labels = {each.name: each.value for each in selector.matchers.matchers} | {"__name__": selector.name}
        samples: Samples = []
        for value, times in (each.rsplit("x", 1) for each in values.split()):
            start, _, step = value.partition("+")
            samples += [None if value == "_" else float(start) + float(step or 0) * n for n in range(int(times))]
        found[frozenset(labels.items())] = samples
    return found


def firing(query: str, minutes: int, given: Mapping[str, str]) -> list[int]:
    """The minutes in which an alert of this query, which must hold for so many minutes, is firing."""
    world, fires = series(given), []
    since: dict[Labels, int] = {}
    expression = parser.parse(query)
    for now in range(max(map(len, world.values()))):
        holding = evaluate(expression, world, now)
        assert isinstance(holding, dict)
        since = {labels: since.get(labels, now) for labels in holding}
        if any(now - start >= minutes for start in since.values()):
            fires.append(now)
    return fires


def evaluate(node: Any, world: Mapping[Labels, Samples], now: int) -> Vector | float:
    kind = type(node).__name__
    if kind == "NumberLiteral":
        return float(node.val)
    if kind == "ParenExpr":
        return evaluate(node.expr, world, now)
    if kind == "VectorSelector":
        found = _selected(node, world, now, LOOKBACK)
        return {labels: values[-1][1] for labels, values in found}
    if kind == "AggregateExpr":
        return _aggregated(node, _vector(node.expr, world, now))
    if kind == "Call":
        return _called(node, world, now)
    assert kind == "BinaryExpr", kind
    return _combined(node, evaluate(node.lhs, world, now), evaluate(node.rhs, world, now))


def _vector(node: Any, world: Mapping[Labels, Samples], now: int) -> Vector:
    found = evaluate(node, world, now)
    assert isinstance(found, dict)
    return found


def _selected(
    node: Any, world: Mapping[Labels, Samples], now: int, minutes: int
) -> Iterator[tuple[Labels, list[tuple[int, float]]]]:
    for labels, samples in world.items():
        named = dict(labels)
        if named["__name__"] == node.name and all(_matches(each, named) for each in node.matchers.matchers):
            seen = [(at, samples[at]) for at in range(max(0, now - minutes + 1), min(now + 1, len(samples)))]
            values = [(at, value) for at, value in seen if value is not None]
            if values:
                yield labels, values


def _matches(matcher: Any, labels: Mapping[str, str]) -> bool:
    value = labels.get(matcher.name, "")
    sign = str(matcher.op).rpartition(".")[2]
    same = re.fullmatch(matcher.value, value) is not None if "Re" in sign else value == matcher.value
    return not same if "Not" in sign else same


def _without_name(labels: Labels) -> Labels:
    return frozenset(each for each in labels if each[0] != "__name__")


def _called(node: Any, world: Mapping[Labels, Samples], now: int) -> Vector:
    name = node.func.name
    if name == "label_replace":
        texts = [each.val for each in node.args[1:]]
        return {_replaced(labels, *texts): value for labels, value in _vector(node.args[0], world, now).items()}
    [ranged] = node.args
    minutes = int(ranged.range.total_seconds() // 60)
    found = {}
    for labels, samples in _selected(ranged.vector_selector, world, now, minutes):
        if name == "increase":
            if len(samples) > 1:
                found[_without_name(labels)] = _increase(samples, now, minutes)
        else:
            found[_without_name(labels)] = float(OVER[name]([value for _, value in samples]))
    return found


def _increase(samples: list[tuple[int, float]], now: int, minutes: int) -> float:
    """Extrapolated to the edges of the range (promql/functions.go, extrapolatedRate)."""
    grown: float = samples[-1][1] - samples[0][1]
    grown += sum(a for (_, a), (_, b) in pairwise(samples) if b < a)
    covered = samples[-1][0] - samples[0][0]
    between = covered / (len(samples) - 1)
    before: float = samples[0][0] - (now - minutes)
    after = now - samples[-1][0]
    if grown > 0 and samples[0][1] >= 0:
        before = min(before, covered * samples[0][1] / grown)
    edges = [each if each < between * 1.1 else between / 2 for each in (before, after)]
    return grown * (covered + sum(edges)) / covered


def _replaced(labels: Labels, to: str, replacement: str, of: str, pattern: str) -> Labels:
    named = dict(labels)
    if found := re.fullmatch(pattern, named.get(of, "")):
        named[to] = re.sub(r"\$(\d)", lambda group: found[int(group[1])], replacement)
    return frozenset(named.items())


def _aggregated(node: Any, vector: Vector) -> Vector:
    by = set(node.modifier.labels) if node.modifier else set()
    groups: dict[Labels, list[float]] = {}
    for labels, value in vector.items():
        groups.setdefault(frozenset(each for each in labels if each[0] in by), []).append(value)
    return {labels: float(ACROSS[str(node.op)](values)) for labels, values in groups.items()}


def _combined(node: Any, left: Vector | float, right: Vector | float) -> Vector:
    sign = str(node.op)
    assert isinstance(left, dict)
    if not isinstance(right, dict):
        if sign in COMPARE:
            return {labels: value for labels, value in left.items() if COMPARE[sign](value, right)}
        return {_without_name(labels): COMPUTE[sign](value, right) for labels, value in left.items()}
    matching = re.match(r"on \((.*?)\)", str(node.modifier or ""))
    on = {each.strip() for each in matching[1].split(",")} - {""} if matching else None

    def key(labels: Labels) -> Labels:
        return frozenset(each for each in labels if (each[0] in on if on is not None else each[0] != "__name__"))

    others = {key(labels): (labels, value) for labels, value in right.items()}
    if sign in ("and", "unless"):
        return {labels: value for labels, value in left.items() if (key(labels) in others) is (sign == "and")}
    if sign == "or":
        mine = {key(labels) for labels in left}
        return left | {labels: value for labels, value in right.items() if key(labels) not in mine}
    pairs = {labels: (value, others[key(labels)]) for labels, value in left.items() if key(labels) in others}
    if sign in COMPARE:
        return {labels: value for labels, (value, other) in pairs.items() if COMPARE[sign](value, other[1])}
    taken = re.search(r"group_left \((.*?)\)", str(node.modifier or ""))
    more = {each.strip() for each in taken[1].split(",")} if taken else set()
    return {
        _without_name(labels) | {each for each in other[0] if each[0] in more}: COMPUTE[sign](value, other[1])
        for labels, (value, other) in pairs.items()
    }
