"""What the API server writes into an object where nobody wrote anything: `Kind.defaults`, applied.

What the provider neither fills in by itself nor takes from the server is a difference in every later plan.
"""

from collections.abc import Callable, Set as AbstractSet

from rehearsal.cloud.kubernetes.kind import Kind, Made, State, Table
from rehearsal.cloud.quantities import canonical
from rehearsal.protocol.values import UNKNOWN, Value


def unset(value: Value) -> bool:
    return value is UNKNOWN or value is None or value in ("", [])


def unless_positive(name: str, default: int) -> Callable[[State], Value]:
    """A number that may not be 0: the server takes that for "not given"."""
    return lambda near: near.get(name) or default if near.get(name) is not UNKNOWN else default


def defaults(kind: Kind, state: State) -> State:
    """What the server adds to an object: a nested dict in the state's own shape."""
    return _defaults(kind.defaults, state)


def stored(kind: Kind, state: State, added: State) -> State:
    """The object as the server keeps it, once its defaults are added, and gives it back."""
    whole: State = merged(state, added)
    return _canonical(whole, kind.quantities) if kind.quantities else whole


def _defaults(table: Table, near: State) -> State:
    found: State = {}
    for name, default in table.items():
        if isinstance(default, Made | dict):
            blocks = near.get(name)
            made = isinstance(default, Made) and default.when(near)
            if blocks is UNKNOWN or not blocks:
                blocks = [{}] if made else []
            inside = default.table if isinstance(default, Made) else default
            found[name] = [_defaults(inside, each) if isinstance(each, dict) else {} for each in blocks]
        elif callable(default):
            value = default(near)
            if value is not None:
                found[name] = value
        elif unset(near.get(name)):
            found[name] = default
    return found


def merged(state: Value, added: Value) -> Value:
    """A state with what is added to it, in the same shape."""
    if isinstance(state, dict) and isinstance(added, dict):
        return {**state, **{name: merged(state.get(name), value) for name, value in added.items()}}
    if isinstance(state, list) and isinstance(added, list) and all(isinstance(each, dict) for each in added):
        return [merged(each, more) for each, more in zip(state, added, strict=True)]
    return added


def _canonical(value: Value, names: AbstractSet[str]) -> Value:
    def inside(name: str, inner: Value) -> Value:
        if name in names and isinstance(inner, str):
            return canonical(inner)
        if name in names and isinstance(inner, dict):
            return {key: canonical(each) for key, each in inner.items()}
        return _canonical(inner, names)

    if isinstance(value, dict):
        return {name: inside(name, inner) for name, inner in value.items()}
    return [_canonical(each, names) for each in value] if isinstance(value, list) else value
