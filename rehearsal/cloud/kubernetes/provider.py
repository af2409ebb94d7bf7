"""The kubernetes provider: what holds for every kind."""

import re

from rehearsal.cloud import invent
from rehearsal.cloud.kubernetes import kinds, rollout, workloads
from rehearsal.cloud.kubernetes.connection import Connection
from rehearsal.cloud.kubernetes.defaults import defaults, merged, stored
from rehearsal.cloud.kubernetes.kind import Kind
from rehearsal.cloud.kubernetes.names import BUILT_IN_NAMESPACES, metadata, namespace_exists, path, unversioned
from rehearsal.cloud.model import Cloud, Key, Use
from rehearsal.cloud.suppress import suppressed
from rehearsal.facts import Facts
from rehearsal.protocol.errors import Problem, Refused
from rehearsal.protocol.fill import fill
from rehearsal.protocol.provider import Provider, State
from rehearsal.protocol.schema import Schema
from rehearsal.protocol.values import UNKNOWN, Dynamic

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


class Kubernetes(Provider):
    """Answers as the API server of the cluster that the provider block names."""

    name, legacy = "kubernetes", True

    def __init__(self, facts: Facts, cloud: Cloud) -> None:
        super().__init__(facts)
        self.cloud, self.connection = cloud, Connection(cloud, {})

    def configure(self, config: State) -> None:
        self.connection = Connection(self.cloud, config)

    def validate(self, type_: str, config: State) -> list[Problem]:
        name = metadata(config).get("name")
        if not isinstance(name, str) or kinds.find(unversioned(type_)).any_name or _SUBDOMAIN.fullmatch(name):
            return []
        wrong = f"metadata.0.name a lowercase RFC 1123 subdomain is needed, got: {name}"
        return [Problem(summary=wrong, path=("metadata", 0, "name"))]

    def plan(self, schema: Schema, planned: State, config: State, prior: State | None) -> State:
        """A manifest's object is what comes back from the cluster."""
        changed = "manifest" in planned and prior is not None and prior["manifest"] != planned["manifest"]
        return suppressed(schema, planned, prior) | ({"object": UNKNOWN} if changed else {})

    def create(self, schema: Schema, planned: State, config: State) -> State:
        cluster = self.connection.cluster()
        with self.cloud.transaction():
            state = self.make(schema, cluster, self._named(schema, planned))
        rollout.wait(self.cloud, cluster, self._key(cluster, schema, state), state)
        return state

    def make(self, schema: Schema, cluster: Key, state: State) -> State:
        key = self._key(cluster, schema, state)
        if self.cloud.get(key) is not None or (key.kind == "kubernetes_namespace" and key.id in BUILT_IN_NAMESPACES):
            raise Refused(f'{key.kind.removeprefix("kubernetes_")}s "{key.id}" already exists')
        return self._put(schema, cluster, key, state, generation=1)

    def _put(self, schema: Schema, cluster: Key, key: Key, state: State, *, generation: int) -> State:
        kind = kinds.find(key.kind)
        added = defaults(kind, state)
        filled = fill(schema, state, merged(added, self._facts(key, kind, state, generation)))
        self._check(cluster, key, kind, filled)
        namespace = metadata(filled).get("namespace")
        parents = [cluster] + ([Key("kubernetes_namespace", cluster.id, namespace)] if namespace else [])
        # Terraform is told what it planned; what the server made of it comes out at the next read.
        self.cloud.put(key, stored(kind, filled, added), [Use(target=parent, part=True) for parent in parents])
        return filled

    def read(self, schema: Schema, state: State) -> State | None:
        found = self.cloud.get(self._key(self.connection.cluster(), schema, state))
        return None if found is None else found.state

    def update(self, schema: Schema, prior: State, planned: State, config: State) -> State:
        cluster = self.connection.cluster()
        with self.cloud.transaction():
            key = self._key(cluster, schema, prior)
            if self.cloud.get(key) is None:
                raise Refused(f'{key.kind.removeprefix("kubernetes_")}s "{key.id}" not found')
            state = self._put(schema, cluster, key, planned, generation=2)
        rollout.wait(self.cloud, cluster, key, state)
        return state

    def delete(self, schema: Schema, state: State) -> None:
        self.cloud.remove(self._key(self.connection.cluster(), schema, state))

    def find(self, schema: Schema, id_: str) -> State:
        cluster = self.connection.cluster()
        type_ = unversioned(schema.name)
        found = self.cloud.get(Key(type_, cluster.id, id_)) or self.cloud.get(Key(type_, cluster.id, f"default/{id_}"))
        if found is None:
            raise Refused(f"Cannot import non-existent remote object: {schema.name} {id_}")
        return found.state

    def data(self, schema: Schema, config: State) -> State:
        cluster = self.connection.cluster()
        type_ = unversioned(schema.name)
        answer = kinds.find(type_).data
        if answer:
            facts = {"id": schema.name, **answer(self.cloud, cluster)}
        elif "metadata" in schema.block.blocks:
            wanted = metadata(config)
            namespaced = "namespace" in schema.block.blocks["metadata"].block.attributes
            id_ = path((wanted.get("namespace") or "default") if namespaced else None, str(wanted.get("name")))
            found = self.cloud.get(Key(type_, cluster.id, id_))
            if found is None:
                raise Refused(f'{type_.removeprefix("kubernetes_")}s "{id_}" not found')
            facts = found.state
        else:
            return super().data(schema, config)
        state = {
            name: UNKNOWN if attribute.computed else config.get(name)
            for name, attribute in schema.block.attributes.items()
        }
        state |= {name: config.get(name) if name == "metadata" else UNKNOWN for name in schema.block.blocks}
        if "metadata" in state:
            state["metadata"] = [
                {name: value if value is not None else UNKNOWN for name, value in metadata(config).items()}
            ]
        return fill(schema, state, facts)

    def _named(self, schema: Schema, planned: State) -> State:
        """With a name, where one is to be generated."""
        found = metadata(planned)
        if found.get("name") is not UNKNOWN:
            return planned
        name = f"{found.get('generate_name') or ''}{invent.digest(schema.name, str(len(self.cloud.all())), length=5)}"
        return {**planned, "metadata": [{**found, "name": name}]}

    def _key(self, cluster: Key, schema: Schema, state: State) -> Key:
        if isinstance(state.get("manifest"), Dynamic):
            manifest = state["manifest"].value
            about = manifest.get("metadata", {})
            id_ = f"{manifest['apiVersion']}/{manifest['kind']}/{path(about.get('namespace'), about['name'])}"
            return Key("kubernetes_manifest", cluster.id, id_)
        found = metadata(state)
        of = f"{state['kind']}/" if isinstance(state.get("kind"), str) else ""
        return Key(unversioned(schema.name), cluster.id, of + path(found.get("namespace"), str(found.get("name"))))

    def _check(self, cluster: Key, key: Key, kind: Kind, state: State) -> None:
        written = state.get("manifest")
        about = written.value.get("metadata", {}) if isinstance(written, Dynamic) else metadata(state)
        namespace = about.get("namespace")
        if namespace and not namespace_exists(self.cloud, cluster, namespace):
            raise Refused(
                f'namespaces "{namespace}" not found',
                f"{key.kind} {about.get('name')} belongs there.",
                path=("metadata", 0, "namespace"),
            )
        if kind.pods is not None:
            workloads.check(kind, namespace or "default", state)
        for rule in kind.rules:
            rule(self.cloud, cluster, key, state)

    def _facts(self, key: Key, kind: Kind, state: State, generation: int) -> State:
        about = {
            "uid": invent.uuid(*key),
            "resource_version": str(invent.number(*key, digits=7)),
            "generation": 0 if kind.pods is None else generation,
            "annotations": {},
            "labels": {},
        }
        facts = {"id": key.id, "metadata": [about], **kind.facts(key)}
        return {**facts, "object": state["manifest"]} if isinstance(state.get("manifest"), Dynamic) else facts
