"""The google provider: what holds for every type."""

from functools import cache
from itertools import count

from rehearsal.cloud import invent
from rehearsal.cloud.google import consistency, data, functions, kinds, naming
from rehearsal.cloud.google.computed import common, inventor, merge_labels
from rehearsal.cloud.google.kind import Kind
from rehearsal.cloud.google.places import Places
from rehearsal.cloud.google.references import check
from rehearsal.cloud.google.request import Request
from rehearsal.cloud.google.services import check_enabled, check_project
from rehearsal.cloud.model import Cloud, Key, Object
from rehearsal.cloud.suppress import suppressed
from rehearsal.facts import Facts
from rehearsal.protocol.errors import Problem, Refused
from rehearsal.protocol.fill import fill
from rehearsal.protocol.plan import plan
from rehearsal.protocol.provider import Provider, State
from rehearsal.protocol.schema import Schema
from rehearsal.protocol.values import UNKNOWN, Value


class Google(Provider):
    """Answers from the model of the cloud as Google would."""

    name, legacy = "google", True

    def __init__(self, facts: Facts, cloud: Cloud) -> None:
        super().__init__(facts)
        self.facts, self.cloud = facts, cloud
        self.places = Places({})
        self.default_labels: dict[str, str] = {}

    @cache  # noqa: B019 - one instance lives as long as the process
    def kind(self, type_: str) -> Kind:
        return kinds.find(self.facts, type_)

    def configure(self, config: State) -> None:
        self.places = Places(config)
        labels = config.get("default_labels")
        self.default_labels = labels if isinstance(labels, dict) else {}

    def validate(self, type_: str, config: State) -> list[Problem]:
        return list(self.kind(type_).validate(config))

    def plan(self, schema: Schema, planned: State, config: State, prior: State | None) -> State:
        """The places of a new object are the provider's where nothing else is said.

        Labels are merged with the provider's.
        """
        kind = self.kind(schema.name)
        for wrong in (wrong for rule in kind.plan_rules for wrong in rule(planned, config, prior)):
            raise Refused(wrong)
        known = suppressed(schema, planned, prior)
        planned = {**planned, **known}
        if prior is None:
            known = self.places.planned(planned, config)
        known |= merge_labels(kind, planned, prior, self.default_labels)
        return known | kind.planned({**planned, **known})

    def create(self, schema: Schema, planned: State, config: State) -> State:
        kind = self.kind(schema.name)
        consistency.check(self.cloud, self._request(kind, planned).project, kind, planned)
        with self.cloud.transaction():
            request = self._request(kind, planned)
            check_project(self.cloud, request.project)
            return self._put(schema, request)

    def update(self, schema: Schema, prior: State, planned: State, config: State) -> State:
        with self.cloud.transaction():
            return self._put(schema, self._request(self.kind(schema.name), planned, prior))

    def seed(self, schema: Schema, config: State) -> State:
        """Puts an object into the cloud that nobody of this rehearsal creates: it is not held to the rules."""
        planned = plan(schema, config, None)
        planned |= self.plan(schema, planned, config, None)
        with self.cloud.transaction():
            return self._put(schema, self._request(self.kind(schema.name), planned), strict=False)

    def _put(self, schema: Schema, request: Request, *, strict: bool = True) -> State:
        """Makes or changes an object."""
        kind = self.kind(schema.name)
        found = list(kind.refers(request.state, self.kind))
        if strict:
            check_enabled(self.cloud, request.project, kind)
            self._check_name(kind, request)
            naming.check_compute(request)
            kind.check(request)
        else:
            found = [each for each in found if self.cloud.get(each.target)]
        uses = check(self.cloud, found, request.refuse)
        for rule in kind.rules if strict else ():
            rule(request)
        facts = kind.facts(request)
        new = {name: fact for name, fact in facts.items() if request.state.get(name, UNKNOWN) is UNKNOWN}
        id_ = request.prior["id"] if request.prior else kind.terraform_id(request.key, {**request.state, **new})
        state = fill(schema, request.state, {**common(request, kind.api, id_), **facts}, inventor(request))
        self.cloud.release(request.key)
        self.cloud.put(request.key, kind.kept(state), uses)
        kind.after(request)
        return state

    def _check_name(self, kind: Kind, request: Request) -> None:
        """A new object has a name of its own; another is there."""
        there = self.cloud.get(request.key) is not None
        if request.prior is not None:
            if not there:
                raise request.refuse(f"googleapi: Error 404: The resource '{request.key.id}' was not found, notFound")
            return
        if there and not kind.joins:
            raise request.refuse(f"googleapi: Error 409: The resource '{request.key.id}' already exists, alreadyExists")
        reserved = kind.reserved and not kind.undeleted and self.cloud.reserved(request.key)
        if reserved:
            raise request.refuse(f"googleapi: Error 409: {request.key.id} cannot be used: {reserved}, conflict")

    def read(self, schema: Schema, state: State) -> State | None:
        kind = self.kind(schema.name)
        found = self.cloud.get(self._key(kind, state))
        return None if found is None else kind.later(self.cloud, found.state)

    def delete(self, schema: Schema, state: State) -> None:
        kind = self.kind(schema.name)
        key = self._key(kind, state)
        with self.cloud.transaction():
            if self.cloud.get(key) is None:
                return
            request = Request(cloud=self.cloud, type=kind.type, state=self._complete(kind, state), key=key)
            check_enabled(self.cloud, request.project, kind)
            for rule in kind.deletion_rules:
                rule(request)
            users = self.cloud.users(key, part=False)
            if users:
                raise Refused(
                    f"Error deleting {kind.type.removeprefix('google_')}: googleapi: Error 400: The "
                    f"{kind.type} resource '{key.id}' is already "
                    f"being used by '{users[0].id}' ({users[0].kind}), resourceInUseByAnotherResource"
                )
            self.cloud.remove(key)
            if kind.reserved:
                self.cloud.reserve(key, kind.reserved)
            kind.after_deletion(request)

    def find(self, schema: Schema, id_: str) -> State:
        kind = self.kind(schema.name)
        matching = [each for each in self.cloud.all(kind.type) if self._is_named(kind, each, id_.strip("/"))]
        if len(matching) != 1:
            raise Refused(f"Cannot import non-existent remote object: {kind.type} {id_}")
        return matching[0].state

    def _is_named(self, kind: Kind, found: Object, wanted: str) -> bool:
        """Whether an import id means this object: its Terraform id, its path, or the names in the path."""
        if wanted in {found.key.id, found.state["id"], found.state.get("self_link")}:
            return True
        return kind.is_named(wanted, {**found.state, **self.placed(found.state)}, self.places.defaults)

    def data(self, schema: Schema, config: State) -> State:
        known = self.schema("resource", schema.name) is not None
        return data.read(self.cloud, self.places, self.kind(schema.name), schema, config, known=known)

    def call(self, function: str, arguments: list[Value]) -> Value:
        return functions.call(function, *arguments)

    def placed(self, state: State) -> dict[str, str]:
        return self.places.of(self.cloud, state)

    def _complete(self, kind: Kind, planned: State) -> State:
        """What names the object is known from here on."""
        placed = {name: at for name, at in self.placed(planned).items() if name in planned or name == "project"}
        state = {**planned, **placed}
        generated = kind.generated(self.cloud, state)
        state |= {name: value for name, value in generated.items() if planned.get(name, UNKNOWN) is UNKNOWN}
        unnamed = kind.unnamed(state)
        # Whatever is made first: the numbers do not tell.
        told_by = str(state.get("display_name", ""))
        for attempt in count():
            made = {name: str(invent.number(kind.type, name, told_by, str(attempt), digits=19)) for name in unnamed}
            if not made or self.cloud.get(kind.key(state | made)) is None:
                break
        return state | made

    def _request(self, kind: Kind, planned: State, prior: State | None = None) -> Request:
        state = self._complete(kind, planned)
        key = self._key(kind, state if prior is None else prior)
        return Request(cloud=self.cloud, type=kind.type, state=state, prior=prior, key=key)

    def _key(self, kind: Kind, state: State) -> Key:
        return kind.key({**state, **self.placed(state)})
