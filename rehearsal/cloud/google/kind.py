"""One Google type: what the cloud and the provider do with it beyond what holds for every type (provider.py)."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.cloud.google.references import Reference
from rehearsal.cloud.google.request import Request
from rehearsal.cloud.model import Cloud, Key
from rehearsal.protocol.errors import Problem
from rehearsal.protocol.values import UNKNOWN
from rehearsal.protocol.walk import strings

State = dict[str, Any]
Find = Callable[[str], "Kind"]
"""The kind of a type."""

_PLACEHOLDER = re.compile(r"{{(%?)(\w+)}}")


def _nothing(*_: object) -> State:
    return {}


def _no_more(_: Request) -> None:
    pass


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Kind:
    """What is special about one type. What is left out is nothing special."""

    type: str
    """Terraform's name of it."""
    api: str | None = None
    """The API that must be enabled; not written in a record: the provider's documentation says it."""

    path: str = ""
    """Where an object lives, where the provider's documentation does not say it, or says it wrongly."""
    id: str = ""
    """The Terraform id, where it is not the path."""
    worldwide: bool = False
    """Whether a name is taken for all projects."""
    numbered: bool = False
    """Whether its own name is new each time."""
    joins: bool = False
    """Whether it may be created where it exists already: an enabled API is the same whoever asks for it."""
    reserved: str = ""
    """Why its name stays taken after a deletion."""
    undeleted: bool = False
    """Whether the provider undeletes what has such a name when it is created again."""

    references: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Attribute (dots) -> the type whose objects it names, and PART, USES or NEEDS."""
    means: Callable[["Kind", str, State], Key | None] = lambda kind, value, near: kind.key_of(value, near)
    """The object that a reference to this type means; None where there is nothing to look for."""

    validate: Callable[[State], Iterator[Problem]] = lambda config: iter(())
    """What the provider finds wrong with a configuration beyond the schema's constraints."""
    plan_rules: tuple[Callable[[State, State, State | None], Iterator[str]], ...] = ()
    """What the provider refuses at the plan (checks among its CustomizeDiffs), from the planned state, the
    configuration and the state before."""
    planned: Callable[[State], State] = _nothing
    """What the provider knows of computed attributes before it asks Google."""
    generated: Callable[[Cloud, State], State] = _nothing
    """Computed attributes that are part of an object's name."""
    facts: Callable[[Request], State] = _nothing
    """Computed attributes of an object, as far as they are not common to all types (computed.py)."""
    later: Callable[[Cloud, State], State] = lambda cloud, state: state
    """What has become of an object by the time that somebody reads it."""
    attributed: bool = True
    """Whether the provider puts its own label on it."""

    rules: tuple[Callable[[Request], None], ...] = ()
    """What may refuse a creation or an update."""
    deletion_rules: tuple[Callable[[Request], None], ...] = ()
    """What may refuse a deletion."""
    after: Callable[[Request], None] = _no_more
    """What else happens when an object has been made or changed."""
    after_deletion: Callable[[Request], None] = _no_more

    data: Callable[[Cloud, State], State] | None = None
    """What the data source of that name answers, where it does not just read an object of the type."""
    asks_google: bool = True
    """Whether the data source needs a project and an API at all."""

    def key(self, state: State) -> Key:
        return Key(self.type, self._scope(str(state.get("project") or "")), expand(self.path, state))

    def is_named(self, wanted: str, state: State, defaults: State) -> bool:
        """Whether an import id means this object by the names in its path.

        Those that come first may be left out where they are the provider's own.
        """
        named = [(name, _short(str(state.get(name) or ""))) for name in self._placeholders]
        for left_out in range(len(named)):
            if wanted == "/".join(value for _, value in named[left_out:]):
                return not any(value != defaults.get(name) for name, value in named[:left_out])
        return False

    def unnamed(self, state: State) -> list[str]:
        """The names in the path that Google makes up."""
        return [name for name in self._placeholders if state.get(name) is UNKNOWN]

    def terraform_id(self, key: Key, state: State) -> str:
        return expand(self.id or self.path, state)

    def key_of(self, value: str, near: State) -> Key:
        """The key of the object that a reference means.

        A self link, a path or a short name beside the object that refers to it.
        """
        found = re.search(r"(?:^|/)(projects/.*)$", value)
        if found and self.path.startswith("projects/"):
            return Key(self.type, self._scope(value_after(found[1], "projects")), found[1])
        state = {**near, self._placeholders[-1]: value}
        place = next((near[name] for name in ("region", "location", "zone") if isinstance(near.get(name), str)), "")
        if "region" in self._placeholders and place.count("-") == 2:
            place = place.rsplit("-", 1)[0]
        state |= {name: place for name in ("region", "location") if not isinstance(near.get(name), str)}
        return self.key(state)

    def refers(self, state: State, find: Find) -> Iterator[Reference]:
        """All that an object refers to."""
        for dotted, (type_, how) in self.references.items():
            target = find(type_)
            for path, value in strings(state, dotted):
                key = target.means(target, value, state)
                if key is not None:
                    yield Reference(path=path, target=key, how=how)

    def check(self, request: Request) -> None:
        """Refuses what is wrong with a request by itself, before its references are looked at."""

    def kept(self, state: State) -> State:
        """The state as Google keeps it; Terraform is told what it planned."""
        return state

    @property
    def _placeholders(self) -> list[str]:
        return [name for _, name in _PLACEHOLDER.findall(self.path)]

    def _scope(self, project: str) -> str:
        return "" if self.worldwide else project


def expand(template: str, state: State) -> str:
    """Fills a template; a reference to another object stands for its short name, unless the template says % ."""

    def value(match: re.Match[str]) -> str:
        whole, name = match.groups()
        text = state.get(name)
        text = "" if text is None else str(text)
        return text if whole else _short(text)

    # A template of nothing but a name is that name, slashes and all.
    only = re.fullmatch(r"{{(\w+)}}", template)
    return str(state.get(only[1]) or "") if only else _PLACEHOLDER.sub(value, template)


def _short(text: str) -> str:
    return text.rstrip("/").rsplit("/", 1)[-1]


def value_after(path: str, collection: str) -> str:
    """`x` in `.../<collection>/x/...`, or an empty string."""
    found = re.search(rf"(?:^|/){collection}/([^/]+)", path)
    return found[1] if found else ""


def is_set(value: Any) -> bool:
    """As the plugin SDK's GetOk: neither null nor the zero of its type."""
    return value is not None and value not in ("", [], 0, False)
