"""The helm provider: releases in the simulated clusters."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from rehearsal.cloud import invent
from rehearsal.cloud.failures import failure
from rehearsal.cloud.kubernetes.connection import Connection
from rehearsal.cloud.kubernetes.names import namespace_exists
from rehearsal.cloud.model import Cloud, Key, Use
from rehearsal.facts import Facts
from rehearsal.protocol.errors import Problem, Refused
from rehearsal.protocol.fill import fill, zero
from rehearsal.protocol.provider import State
from rehearsal.protocol.schema import Schema
from rehearsal.protocol.values import UNKNOWN, Value

_OUTCOME = ("metadata", "manifest", "resources", "status")


class Helm:
    """Keeps releases; a chart must be named so that the next deploy installs the same."""

    legacy = False

    def __init__(self, facts: Facts, cloud: Cloud) -> None:
        self.facts, self.cloud = facts, cloud
        self.connection = Connection(cloud, {})

    def schema(self, kind: Any, type_: str) -> Schema | None:
        return self.facts.schema(kind, "helm" if kind == "provider" else type_)

    def configure(self, config: State) -> None:
        kubernetes = config.get("kubernetes")
        self.connection = Connection(self.cloud, kubernetes if isinstance(kubernetes, dict) else {})

    def validate(self, type_: str, config: State) -> list[Problem]:
        return []

    def plan(self, schema: Schema, planned: State, config: State, prior: State | None) -> State:
        """Any change makes a new revision, of which nothing is known yet."""
        if prior is None or all(planned[name] == prior[name] for name in planned if name not in _OUTCOME):
            return {}
        unknown = dict.fromkeys(_OUTCOME, UNKNOWN)
        return unknown if config.get("version") is not None else {**unknown, "version": UNKNOWN}

    def create(self, schema: Schema, planned: State, config: State) -> State:
        cluster = self.connection.cluster()
        key = _key(cluster, planned)
        meets = failure(self.cloud, schema.name, planned["name"])
        if meets == "refused":
            raise Refused(
                f"{schema.name} {key.id}: installation failed: the server is currently unable to handle the "
                "request (injected)"
            )
        with self.cloud.transaction():
            if self.cloud.get(key) is not None:
                raise Refused("installation failed", "cannot re-use a name that is still in use")
            if not namespace_exists(self.cloud, cluster, planned["namespace"]):
                if not planned["create_namespace"]:
                    raise Refused(
                        "installation failed",
                        f'create: failed to create: namespaces "{planned["namespace"]}" not found',
                    )
                self._create_namespace(cluster, planned["namespace"])
            state = self._put(schema, cluster, planned, revision=1)
        if meets == "lost":
            raise Refused(f"{schema.name} {key.id}: context deadline exceeded (injected)", state=state)
        return state

    def read(self, schema: Schema, state: State) -> State | None:
        found = self.cloud.get(_key(self.connection.cluster(), state))
        return None if found is None else found.state

    def update(self, schema: Schema, prior: State, planned: State, config: State) -> State:
        cluster = self.connection.cluster()
        with self.cloud.transaction():
            return self._put(schema, cluster, planned, revision=int(prior["metadata"]["revision"]) + 1)

    def delete(self, schema: Schema, state: State) -> None:
        """The namespace stays, also where the release made it."""
        self.cloud.remove(_key(self.connection.cluster(), state))

    def find(self, schema: Schema, id_: str) -> State:
        cluster = self.connection.cluster()
        found = self.cloud.get(Key("helm_release", cluster.id, id_ if "/" in id_ else f"default/{id_}"))
        if found is None:
            raise Refused(f"Cannot import non-existent remote object: helm_release {id_}")
        return found.state

    def data(self, schema: Schema, config: State) -> State:
        raise Refused(f"The rehearsal knows no answer for the data source {schema.name}.")

    def call(self, function: str, arguments: list[Value]) -> Value:
        raise Refused(f"the helm provider has no function {function}")

    def _put(self, schema: Schema, cluster: Key, planned: State, *, revision: int) -> State:
        name, version = chart(planned)
        metadata = {
            "name": planned["name"],
            "namespace": planned["namespace"],
            "chart": name,
            "version": version,
            "app_version": version,
            "revision": revision,
            "first_deployed": 1767225600,
            "last_deployed": 1767225600 + revision,
            "notes": "",
            "values": "{}",
        }
        facts = {
            "id": planned["name"],
            "metadata": metadata,
            "status": "deployed",
            "version": version,
            "manifest": "",
            "resources": {},
        }
        state = fill(schema, planned, facts, lambda path, attribute, constraint: zero(attribute.type))
        namespace = Key("kubernetes_namespace", cluster.id, planned["namespace"])
        self.cloud.put(
            _key(cluster, planned), state, [Use(target=parent, part=True) for parent in (cluster, namespace)]
        )
        return state

    def _create_namespace(self, cluster: Key, name: str) -> None:
        key = Key("kubernetes_namespace", cluster.id, name)
        about = {
            "name": name,
            "uid": invent.uuid(*key),
            "labels": {"name": name},
            "annotations": {},
            "generation": 0,
            "resource_version": "1",
            "generate_name": "",
        }
        self.cloud.put(key, {"id": name, "metadata": [about]}, [Use(target=cluster, part=True)])


def chart(release: State) -> tuple[str, str]:
    """The name and the version of a release's chart."""
    wanted, version = str(release["chart"]), release.get("version")
    folder = Path(wanted)
    if wanted.startswith((".", "/")) or folder.is_dir():
        file = folder / "Chart.yaml"
        if not file.is_file():
            raise Refused(
                f'could not download chart: path "{wanted}" not found',
                "A local chart is a directory with a Chart.yaml.",
                path=("chart",),
            )
        text = file.read_text()
        found = {each: re.search(rf"^{each}:\s*[\"']?([^\"'\s]+)", text, re.MULTILINE) for each in ("name", "version")}
        if not found["name"] or not found["version"]:
            raise Refused(
                f"validation: {file}: chart.metadata.name and chart.metadata.version are required", path=("chart",)
            )
        return found["name"][1], found["version"][1]
    if not isinstance(version, str) or not re.fullmatch(r"v?\d+\.\d+\.\d+([-+].*)?", version):
        raise Refused(
            f"The chart {wanted} is not pinned: version is {version if isinstance(version, str) else 'not set'}",
            "A chart from a repository needs an exact version, or the next deploy installs another one.",
            path=("version",),
        )
    return wanted.rsplit("/", 1)[-1], version


def _key(cluster: Key, state: State) -> Key:
    return Key("helm_release", cluster.id, f"{state['namespace']}/{state['name']}")
