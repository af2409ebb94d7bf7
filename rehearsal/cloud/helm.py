"""The helm provider: releases in the simulated clusters."""

import re
from collections.abc import Iterator
from typing import Any

from rehearsal.cloud import argo_workflows, chart_workloads, charts, invent
from rehearsal.cloud.charts import Chart
from rehearsal.cloud.kubernetes import images, rights
from rehearsal.cloud.kubernetes.connection import Connection
from rehearsal.cloud.kubernetes.manifests import Manifest, Manifests, definition_key
from rehearsal.cloud.kubernetes.names import namespace_exists
from rehearsal.cloud.model import Cloud, Key, Use
from rehearsal.cloud.render import render
from rehearsal.facts import Facts
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.fill import fill
from rehearsal.protocol.provider import Provider, State
from rehearsal.protocol.schema import Schema
from rehearsal.protocol.values import UNKNOWN

_OUTCOME = ("metadata", "manifest", "resources", "status")


class Helm(Provider):
    """Keeps releases, and what they install.

    A local chart is rendered, and its objects enter the model. Of one in a repository we have the defaults and the
    kinds that it defines: what is set must be there, and its kinds exist as long as it does. Of its objects those enter
    the model that are given as they are, in `extraObjects`, and its workloads (chart_workloads.py).
    """

    name, legacy = "helm", False

    def __init__(self, facts: Facts, cloud: Cloud) -> None:
        super().__init__(facts)
        self.cloud, self.connection = cloud, Connection(cloud, {})

    def configure(self, config: State) -> None:
        kubernetes = config.get("kubernetes")
        self.connection = Connection(self.cloud, kubernetes if isinstance(kubernetes, dict) else {})

    def plan(self, schema: Schema, planned: State, config: State, prior: State | None) -> State:
        """Any change makes a new revision, of which nothing is known yet."""
        if UNKNOWN not in (config["chart"], config["version"], config["repository"]):
            _values(charts.find(config), config)
        if prior is None or all(planned[name] == prior[name] for name in planned if name not in _OUTCOME):
            return {}
        unknown = dict.fromkeys(_OUTCOME, UNKNOWN)
        return unknown if config.get("version") is not None else {**unknown, "version": UNKNOWN}

    def create(self, schema: Schema, planned: State, config: State) -> State:
        cluster = self.connection.cluster()
        key = _key(cluster, planned)
        chart = charts.find(planned)
        objects = _objects(chart, planned)
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
            state, events = self._put(schema, cluster, planned, chart, objects, revision=1)
            if events and planned.get("atomic"):
                raise _failed(planned, events)
        if events:
            raise _failed(planned, events, state=state)
        return state

    def read(self, schema: Schema, state: State) -> State | None:
        found = self.cloud.get(_key(self.connection.cluster(), state))
        return None if found is None else found.state

    def update(self, schema: Schema, prior: State, planned: State, config: State) -> State:
        cluster = self.connection.cluster()
        revision = int(prior["metadata"]["revision"]) + 1
        chart = charts.find(planned)
        objects = _objects(chart, planned)
        with self.cloud.transaction():
            state, events = self._put(schema, cluster, planned, chart, objects, revision=revision)
            if events and planned.get("atomic"):
                raise _failed(planned, events)
        if events:
            raise _failed(planned, events, state=state)
        return state

    def delete(self, schema: Schema, state: State) -> None:
        """The namespace stays, also where the release made it."""
        cluster = self.connection.cluster()
        held = charts.held(str(state["metadata"]["chart"]))
        for each in self.cloud.all("kubernetes_manifest", cluster.id):
            if "manifest" in each.state and each.state["manifest"]["kind"] in held:
                raise Refused(
                    f"Error uninstalling release: Unable to uninstall Helm release {state['name']}: context deadline "
                    "exceeded",
                    f"{each.key.id} has a finalizer of the controller that goes with this release: remove it first.",
                )
        self.cloud.remove(_key(cluster, state))

    def find(self, schema: Schema, id_: str) -> State:
        cluster = self.connection.cluster()
        found = self.cloud.get(Key("helm_release", cluster.id, id_ if "/" in id_ else f"default/{id_}"))
        if found is None:
            raise Refused(f"Cannot import non-existent remote object: helm_release {id_}")
        return found.state

    def _put(
        self, schema: Schema, cluster: Key, planned: State, chart: Chart, objects: list[Manifest], *, revision: int
    ) -> tuple[State, list[str]]:
        """The release, and the events of pods that it waits for in vain."""
        metadata = {
            "name": planned["name"],
            "namespace": planned["namespace"],
            "chart": chart.name,
            "version": chart.version,
            "app_version": chart.app_version or chart.version,
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
            "version": chart.version,
            "manifest": "",
            "resources": {},
        }
        state = fill(schema, planned, facts)
        namespace = Key("kubernetes_namespace", cluster.id, planned["namespace"])
        release = _key(cluster, planned)
        self.cloud.put(release, state, [Use(target=parent, part=True) for parent in (cluster, namespace)])
        values = charts.merge(chart.defaults, _values(chart, planned))
        for definition in charts.definitions(chart, values):
            owners = [cluster] if definition.stays else [cluster, release]
            self.cloud.put(
                definition_key(cluster, definition.name),
                {"group": definition.group, "kind": definition.kind},
                [Use(target=owner, part=True) for owner in owners],
            )
        if chart.folder is None:
            whose = (chart.name, chart.app_version, planned["name"], planned["namespace"])
            objects = [*objects, *chart_workloads.objects(*whose, values)]
        manifests = Manifests(self.cloud, cluster, release, planned["namespace"])
        manifests.apply(objects)
        if chart.name == argo_workflows.CHART:
            argo_workflows.check(self.cloud, cluster, values, planned["namespace"])
        for image in sorted(set(_images(_values(chart, planned)))):
            if not images.exists(image):
                self.cloud.note(
                    f"helm_release {release.id} names an image that does not exist, as far as is known: {image}"
                )
        events = manifests.seen + _forbidden(self.cloud, cluster, planned["namespace"], values, objects)
        waits = planned.get("wait") is not False or planned.get("atomic")
        return state, events if waits else []

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


def _values(chart: Chart, release: State) -> dict[str, Any]:
    """What a release sets, as far as it is known; refused where the chart does nothing with it."""
    found = charts.values(release) or {}
    problems = list(charts.unknown(found, chart.defaults))
    if problems:
        raise Refused(
            f"{problems[0]} (chart {chart.name} {chart.version})",
            "Helm would say nothing, and the value do nothing.\n" + "\n".join(problems),
            path=("values",),
        )
    return found


def _images(value: Any, name: str = "") -> Iterator[str]:
    """Images that values name as a whole, for objects that a controller makes later."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _images(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _images(inner, name)
    elif isinstance(value, str) and name.lower().endswith("image") and ":" in value:
        # Through a repository of our own, an image of Docker Hub's is the rest of its name.
        hosted = re.fullmatch(r"[a-z0-9-]+-docker\.pkg\.dev/[^/]+/[^/]+/(.+)", value)
        yield f"docker.io/{hosted[1]}" if hosted else value


def _forbidden(
    cloud: Cloud, cluster: Key, namespace: str, values: dict[str, Any], objects: list[Manifest]
) -> list[str]:
    """A controller that may not read what it keeps in memory is not ready until it may."""
    accounts = {
        (each["metadata"].get("namespace", namespace), each["spec"]["template"]["spec"].get("serviceAccountName"))
        for each in objects
        if each["kind"] == "Deployment"
    }
    found = []
    for (kind, place, name), lacks in rights.lacking(cloud, cluster, chart_workloads.managed(values)).items():
        waits = [act for act in lacks if act.verb in ("get", "list", "watch")]
        if kind == "ServiceAccount" and (place, name) in accounts and waits:
            user = f"system:serviceaccount:{place}:{name}"
            found.append(f'BackOff: restarting failed container: forbidden: User "{user}" cannot {waits[0]}')
    return found


def _failed(release: State, events: list[str], *, state: State | None = None) -> Refused:
    """Helm 3.18, pkg/action/install.go `failRelease`: with `atomic` it takes back what it made."""
    undone = f"release {release['name']} failed, and has been uninstalled due to atomic being set: "
    said = f"{undone if release.get('atomic') else ''}context deadline exceeded"
    seen = "\n".join(f"  Warning  {each}" for each in events)
    return Refused("installation failed", f"{said}\nEvents of its pods:\n{seen}", state=state)


def _objects(chart: Chart, release: State) -> list[Manifest]:
    if chart.folder is None:
        return list(_values(chart, release).get("extraObjects") or [])
    return render(chart.folder, _values(chart, release), name=release["name"], namespace=release["namespace"])


def _key(cluster: Key, state: State) -> Key:
    return Key("helm_release", cluster.id, f"{state['namespace']}/{state['name']}")
