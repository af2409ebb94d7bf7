"""The google provider: what holds for every type."""

from __future__ import annotations

from functools import cache
from typing import Any

from rehearsal.cloud.failures import failure
from rehearsal.cloud.google import customize, data, functions, tables
from rehearsal.cloud.google.computed import common, inventor, merge_labels
from rehearsal.cloud.google.kind import Names, iam, iam_parent, value_after
from rehearsal.cloud.google.kinds.iam import kept, members
from rehearsal.cloud.google.references import check, references
from rehearsal.cloud.google.request import Request
from rehearsal.cloud.google.services import check_enabled, check_project
from rehearsal.cloud.model import Cloud, Key
from rehearsal.cloud.suppress import suppressed
from rehearsal.facts import Facts
from rehearsal.protocol.errors import Problem, Refused
from rehearsal.protocol.fill import fill
from rehearsal.protocol.plan import plan
from rehearsal.protocol.provider import State
from rehearsal.protocol.schema import Schema
from rehearsal.protocol.values import UNKNOWN, Value

_PLACES = ("project", "region", "zone", "location")


class Google:
    """Answers from the model of the cloud as Google would."""

    legacy = True

    def __init__(self, facts: Facts, cloud: Cloud) -> None:
        self.facts, self.cloud = facts, cloud
        self.defaults: dict[str, Any] = dict.fromkeys(_PLACES)
        self.default_labels: dict[str, str] = {}

    def schema(self, kind: Any, type_: str) -> Schema | None:
        return self.facts.schema(kind, "google" if kind == "provider" else type_)

    @cache  # noqa: B019 - one instance lives as long as the process
    def names(self, type_: str) -> Names:
        return Names(type_, self.facts.service(type_))

    def configure(self, config: State) -> None:
        self.defaults = {name: config.get(name) for name in _PLACES}
        zone, region = self.defaults["zone"], self.defaults["region"]
        if region is None and isinstance(zone, str):
            self.defaults["region"] = zone.rsplit("-", 1)[0]
        self.defaults["location"] = self.defaults["region"] or zone
        labels = config.get("default_labels")
        self.default_labels = labels if isinstance(labels, dict) else {}

    def validate(self, type_: str, config: State) -> list[Problem]:
        name = config.get("account_id")
        if type_ == "google_service_account" and isinstance(name, str) and not 6 <= len(name) <= 30:
            return [Problem(summary=f'"account_id" ("{name}") must be 6 to 30 characters long', path=("account_id",))]
        return []

    def plan(self, schema: Schema, planned: State, config: State, prior: State | None) -> State:
        """The places of a new object are the provider's where nothing else is said.

        Labels are merged with the provider's.
        """
        customize.check(schema.name, planned, config, prior)
        known = suppressed(schema, planned, prior)
        planned = {**planned, **known}
        if prior is None:
            unsaid = [place for place in _PLACES if planned.get(place) is UNKNOWN and config.get(place) is None]
            known = {place: self.defaults[place] for place in unsaid if self.defaults[place] is not None}
        known |= merge_labels(schema.name, planned, prior, self.default_labels)
        if schema.name in tables.PLANNED:
            known |= tables.PLANNED[schema.name]({**planned, **known})
        return known

    def create(self, schema: Schema, planned: State, config: State) -> State:
        with self.cloud.transaction():
            request = self._request(schema.name, self._complete(schema, planned))
            check_project(self.cloud, request.project)
            # What Google numbers goes by its parent's name: a second try gets another number.
            names = request.key.id.split("/")
            meets = failure(self.cloud, schema.name, names[-3 if schema.name in tables.NUMBERED else -1])
        if meets == "refused":
            raise request.refuse("googleapi: Error 503: The service is currently unavailable. (injected), backendError")
        with self.cloud.transaction():
            state = self.make(schema, request, strict=True)
        if meets == "lost":
            raise Refused(f"Error waiting for creating {request.key.id}: the answer was lost (injected)", state=state)
        return state

    def make(self, schema: Schema, request: Request, *, strict: bool) -> State:
        """Makes an object; one that is seeded rather than created is not held to the rules."""
        service = self.facts.service(schema.name).get("service")
        found = list(references(schema.name, request.state, self.names))
        if strict:
            check_enabled(self.cloud, request.project, service, schema.name)
            if self.cloud.get(request.key) is not None and not _joins(schema.name):
                raise request.refuse(
                    f"googleapi: Error 409: The resource '{request.key.id}' already exists, alreadyExists"
                )
            reserved = schema.name in tables.RESERVED and self.cloud.reserved(request.key)
            if reserved and schema.name not in tables.UNDELETED:
                raise request.refuse(f"googleapi: Error 409: {request.key.id} cannot be used: {reserved}, conflict")
            members(request)
            uses = check(self.cloud, found, request.refuse)
            for rule in tables.RULES.get(schema.name, []):
                rule(request)
        else:
            uses = check(self.cloud, [each for each in found if self.cloud.get(each.target)], request.refuse)
        facts = tables.FACTS[schema.name](request) if schema.name in tables.FACTS else {}
        id_ = self._id(schema.name, request)
        state = fill(schema, request.state, {**common(request, id_, service), **facts}, inventor(request))
        self.cloud.release(request.key)
        # Terraform is told what it planned; how Google keeps it comes out at the next read.
        there = {**state, "member": kept(state["member"])} if iam(schema.name) and "member" in state else state
        self.cloud.put(request.key, there, uses)
        if schema.name in tables.AFTER:
            tables.AFTER[schema.name](request)
        return state

    def read(self, schema: Schema, state: State) -> State | None:
        found = self.cloud.get(self._key(schema.name, state))
        return None if found is None else found.state

    def update(self, schema: Schema, prior: State, planned: State, config: State) -> State:
        with self.cloud.transaction():
            key = self._key(schema.name, prior)
            state = self._complete(schema, planned)
            request = Request(cloud=self.cloud, type=schema.name, state=state, prior=prior, key=key)
            service = self.facts.service(schema.name).get("service")
            check_enabled(self.cloud, request.project, service, schema.name)
            if self.cloud.get(key) is None:
                raise request.refuse(f"googleapi: Error 404: The resource '{key.id}' was not found, notFound")
            members(request)
            uses = check(self.cloud, list(references(schema.name, planned, self.names)), request.refuse)
            for rule in tables.RULES.get(schema.name, []):
                rule(request)
            facts = tables.FACTS[schema.name](request) if schema.name in tables.FACTS else {}
            state = fill(schema, planned, {**common(request, prior["id"], service), **facts}, inventor(request))
            self.cloud.put(key, state, uses)
            if schema.name in tables.AFTER:
                tables.AFTER[schema.name](request)
        return state

    def delete(self, schema: Schema, state: State) -> None:
        key = self._key(schema.name, state)
        with self.cloud.transaction():
            if self.cloud.get(key) is None:
                return
            request = Request(cloud=self.cloud, type=schema.name, state=self._complete(schema, state), key=key)
            check_enabled(self.cloud, request.project, self.facts.service(schema.name).get("service"), schema.name)
            for rule in tables.DELETION_RULES.get(schema.name, []):
                rule(request)
            users = self.cloud.users(key, part=False)
            if users:
                raise Refused(
                    f"Error deleting {schema.name.removeprefix('google_')}: googleapi: Error 400: The "
                    f"{schema.name} resource '{key.id}' is already "
                    f"being used by '{users[0].id}' ({users[0].kind}), resourceInUseByAnotherResource"
                )
            self.cloud.remove(key)
            if schema.name in tables.RESERVED:
                self.cloud.reserve(key, tables.RESERVED[schema.name])
            if schema.name in tables.AFTER_DELETION:
                tables.AFTER_DELETION[schema.name](request)

    def find(self, schema: Schema, id_: str) -> State:
        matching = [each for each in self.cloud.all(schema.name) if self._is_named(each.key, each.state, id_)]
        if len(matching) != 1:
            raise Refused(f"Cannot import non-existent remote object: {schema.name} {id_}")
        return matching[0].state

    def _is_named(self, key: Key, state: State, id_: str) -> bool:
        """Whether an import id means this object.

        It is the Terraform id, the path, or the names in the path; those that come first may be left out where they
        are the provider's own.
        """
        wanted = id_.strip("/")
        if wanted in {key.id, state["id"], state.get("self_link")}:
            return True
        if iam(key.kind):
            return bool(wanted.replace(" ", "/") == state["id"])
        named = self.names(key.kind).parts({**state, **self.placed(state)})
        for left_out in range(len(named)):
            if wanted == "/".join(value for _, value in named[left_out:]):
                return not any(value != self.defaults.get(name) for name, value in named[:left_out])
        return False

    def data(self, schema: Schema, config: State) -> State:
        return data.read(self, schema, config)

    def call(self, function: str, arguments: list[Value]) -> Value:
        return functions.call(function, *arguments)

    def seed(self, schema: Schema, config: State) -> State:
        """Puts an object into the cloud that nobody of this rehearsal creates."""
        planned = plan(schema, config, None)
        planned |= self.plan(schema, planned, config, None)
        with self.cloud.transaction():
            return self.make(schema, self._request(schema.name, self._complete(schema, planned)), strict=False)

    def _complete(self, schema: Schema, planned: State) -> State:
        """What names the object is known from here on."""
        state = {
            **planned,
            **{name: value for name, value in self.placed(planned).items() if name in planned or name == "project"},
        }
        generate = tables.GENERATED.get(schema.name)
        generated = generate(self.cloud, state) if generate else {}
        return state | {name: value for name, value in generated.items() if planned.get(name, UNKNOWN) is UNKNOWN}

    def placed(self, state: State) -> dict[str, Any]:
        """The project and the places, from the object, from the path of its parent, or from the provider."""
        placed = {name: state[name] for name in _PLACES if isinstance(state.get(name), str) and state[name]}
        if "project" not in placed:
            paths = [value for value in state.values() if isinstance(value, str) and value.startswith("projects/")]
            named = next((value_after(path, "projects") for path in paths), "-")
            placed["project"] = self.defaults["project"] if named == "-" else self.cloud.project(named) or named
        for name in ("region", "zone", "location"):
            if name not in placed and name in state:
                placed[name] = self.defaults[name]
        return {name: value for name, value in placed.items() if isinstance(value, str)}

    def _request(self, type_: str, state: State) -> Request:
        return Request(cloud=self.cloud, type=type_, state=state, key=self._key(type_, state))

    def _key(self, type_: str, state: State) -> Key:
        state = {**state, **self.placed(state)}
        granted = iam(type_)
        if granted is None:
            return self.names(type_).key(state)
        parent = self._grants_on(granted[0], state)
        condition = state.get("condition") or []
        title = condition[0].get("title") if condition and isinstance(condition[0], dict) else None
        parts = [
            parent.id,
            state.get("role"),
            kept(state.get("member")),
            state.get("service") if granted[1] == "audit_config" else None,
            title,
        ]
        return Key(type_, parent.scope, "/".join(str(part) for part in parts if part))

    def _grants_on(self, parent_type: str, state: State) -> Key:
        if parent_type == "google_project":
            return Key(parent_type, state["project"], state["project"])
        return self.names(parent_type).key_of(iam_parent(state), state)

    def _id(self, type_: str, request: Request) -> str:
        if iam(type_):
            return f"b/{request.key.id}" if type_.startswith("google_storage_bucket_iam") else request.key.id
        facts = tables.FACTS[type_](request) if type_ in tables.FACTS else {}
        return self.names(type_).id(
            {**request.state, **{k: v for k, v in facts.items() if request.state.get(k, UNKNOWN) is UNKNOWN}}
        )


def _joins(type_: str) -> bool:
    """Types that may be created where they exist already: a grant or an enabled API is the same whoever asks for it."""
    return iam(type_) is not None or type_ == "google_project_service"
