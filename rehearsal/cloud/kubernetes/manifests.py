"""Objects as Kubernetes writes them, in the model that holds them as Terraform's provider does."""

import re
from collections.abc import Iterator
from typing import Any

from rehearsal.cloud import charts, invent
from rehearsal.cloud.kubernetes import admission, kinds, nodes, workloads
from rehearsal.cloud.kubernetes.names import named, namespace_exists, path
from rehearsal.cloud.model import Cloud, Key, Use
from rehearsal.facts import Facts
from rehearsal.protocol.errors import Refused
from rehearsal.protocol.fill import fill
from rehearsal.protocol.schema import Block, Schema

Manifest = dict[str, Any]

_CUSTOM = "kubernetes_manifest"
_OF_MANAGED_PROMETHEUS = ("monitoring.googleapis.com/v1", "PodMonitoring")
_DEFINITION = "apiextensions.k8s.io/v1/CustomResourceDefinition"


def definition_key(cluster: Key, name: str) -> Key:
    """A custom resource definition's key: `eventbus.argoproj.io`."""
    return Key(_CUSTOM, cluster.id, f"{_DEFINITION}/{name}")


class Manifests:
    """The objects of one release in a cluster."""

    def __init__(self, cloud: Cloud, cluster: Key, release: Key, namespace: str) -> None:
        self.cloud, self.cluster, self.release, self.namespace = cloud, cluster, release, namespace
        self._facts = Facts("kubernetes")
        self.seen: list[str] = []
        """Why pods of what was applied last do not become ready."""

    def apply(self, objects: list[Manifest]) -> None:
        """Replaces what the release had by these objects, and then looks at whether their pods can start."""
        self.seen.clear()
        hooks = [each for each in objects if "helm.sh/hook" in (each["metadata"].get("annotations") or {})]
        kept = [each for each in objects if each not in hooks]
        before = {key for key in self.cloud.users(self.release, part=True) if not key.id.startswith(_DEFINITION)}
        keys = {self._put(each, before) for each in kept}
        for gone in before - keys:
            self.cloud.remove(gone)
        # What hooks bring for each other is there while they run.
        passing = {self._put(each, before) for each in hooks if kinds.find(_kind(each)).pods is None}
        for each in objects:
            self._check(each)
        # What else keeps their pods from starting is an event, for which Helm waits.
        self.seen += [event for each in objects for event in self._events(each)]
        for gone in passing:
            self.cloud.remove(gone)

    def _put(self, manifest: Manifest, mine: set[Key]) -> Key:
        schema, key = self._schema(manifest), self._key(manifest)
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        namespace = self._namespace(manifest)
        if namespace and not namespace_exists(self.cloud, self.cluster, namespace):
            raise Refused(
                f'failed to create resource: namespaces "{namespace}" not found', f"{kind} {name} belongs there."
            )
        if self.cloud.get(key) is not None and key not in mine:
            raise Refused(
                f'Unable to continue with install: {kind} "{name}" in namespace "{namespace or ""}" exists and cannot '
                "be imported into the current release: invalid ownership metadata"
            )
        parents = [self.cluster, self.release]
        if namespace:
            parents.append(Key("kubernetes_namespace", self.cluster.id, namespace))
        if schema is None:
            if not _is_admission(manifest):
                parents.append(self._definition(manifest))
            state: dict[str, Any] = {"manifest": manifest}
        else:
            about = {"uid": invent.uuid(*key), "annotations": {}, "labels": {}}
            facts = {"id": key.id, "metadata": [about]}
            given = _converted(schema.block, manifest)
            if namespace:
                given["metadata"][0]["namespace"] = namespace
            state = fill(schema, given, facts)
        self.cloud.put(key, state, [Use(target=each, part=True) for each in parents])
        if schema is None:
            self._put_workload(manifest, key, namespace)
        return key

    def _put_workload(self, manifest: Manifest, owner: Key, namespace: str) -> None:
        """What the controller of a custom resource makes of it, as far as others see it."""
        made = charts.makes().get(manifest["kind"])
        if made is None:
            return
        fill_in = {"name": manifest["metadata"]["name"]}
        labels = {key: value.format(**fill_in) for key, value in made["labels"].items()}
        name = made["name"].format(**fill_in)
        template = {"metadata": [{"labels": labels}], "spec": [self._pod(manifest)]}
        pods = {"selector": [{"match_labels": labels}], "template": [template]}
        about = {"namespace": namespace, "name": name, "labels": labels}
        key = Key(f"kubernetes_{made['kind']}", self.cluster.id, path(namespace, name))
        state = {"id": key.id, "metadata": [about], "spec": [pods]}
        self.cloud.put(key, state, [Use(target=each, part=True) for each in (self.cluster, owner)])

    def _pod(self, manifest: Manifest) -> dict[str, Any]:
        """What a custom resource says of its pods: containers by their templates, and where they run."""
        made = charts.makes()[manifest["kind"]]
        about = (manifest.get("spec") or {}).get(made["pods"]) or {}
        given = [(name, each) for name, each in about.items() if isinstance(each, dict) and "resources" in each]
        containers = [{"name": name.lower(), **each} for name, each in given]
        kept = ("serviceAccountName", "securityContext", "nodeSelector", "tolerations", "priorityClassName")
        spec = {name: about[name] for name in kept if name in about} | {"containers": containers}
        schema = self._facts.schema("resource", "kubernetes_deployment_v1")
        assert schema
        pod = schema.block.blocks["spec"].block.blocks["template"].block.blocks["spec"].block
        return _converted(pod, spec)

    def _check(self, manifest: Manifest) -> None:
        schema, namespace = self._schema(manifest), self._namespace(manifest)
        if _is_admission(manifest):
            policies = [each["metadata"]["name"] for each in self._admission() if each["kind"] == admission.POLICY]
            for problem in admission.problems(manifest, policies):
                raise Refused(f"{manifest['kind']} {problem}")
        elif schema is None:
            for account in _named_by(manifest, "serviceAccountName"):
                if named(self.cloud, self.cluster, "service_account", namespace, account) is None:
                    raise Refused(
                        f"{manifest['kind']} {manifest['metadata']['name']}: its pods do not start: serviceaccount "
                        f'"{account}" not found in namespace {namespace}'
                    )
            self._check_bus(manifest)
        elif (kind := kinds.find(_kind(manifest))).pods is not None:
            workloads.check(kind, namespace, _converted(schema.block, manifest))
            if manifest["kind"] == "Job":
                self._check_admitted(manifest, namespace)

    def _events(self, manifest: Manifest) -> Iterator[str]:
        schema, namespace, key = self._schema(manifest), self._namespace(manifest), self._key(manifest)
        # Hooks are made when all else is there, and go again.
        states = {} if schema is None else {key.kind: _converted(schema.block, manifest)}
        made = [each for each in self.cloud.users(key, part=True) if kinds.find(each.kind).pods is not None]
        states |= {each.kind: found.state for each in made if (found := self.cloud.get(each))}
        for type_, state in states.items():
            kind = kinds.find(type_)
            for event in (
                workloads.events(self.cloud, self.cluster, kind, namespace, state) if kind.pods is not None else ()
            ):
                yield f"{manifest['kind']} {manifest['metadata']['name']}: {event}"

    def _check_admitted(self, job: Manifest, namespace: str) -> None:
        """The controller of jobs makes the pods, whoever made the job."""
        request = admission.Request(
            user="system:serviceaccount:kube-system:job-controller",
            operation="CREATE",
            resource="pods",
            namespace=namespace,
            object=job["spec"]["template"],
        )
        for refusal in admission.refusals(self._admission(), request):
            raise Refused(
                f'Job {job["metadata"]["name"]}: Error creating: pods "{job["metadata"]["name"]}-" is forbidden: '
                f"ValidatingAdmissionPolicy denied request: {refusal}"
            )

    def _admission(self) -> list[Manifest]:
        """The policies of the cluster, and what puts them into force."""
        manifests = [each.state.get("manifest") for each in self.cloud.all(_CUSTOM, self.cluster.id)]
        return [each for each in manifests if each and _is_admission(each)]

    def _check_bus(self, manifest: Manifest) -> None:
        """An event bus is a StatefulSet with a volume for each pod: its controller makes it of this."""
        jetstream = manifest.get("spec", {}).get("jetstream") or {}
        if storage_class := (jetstream.get("persistence") or {}).get("storageClassName"):
            what = f"pod eventbus-{manifest['metadata']['name']}-js-0"
            selector = jetstream.get("nodeSelector") or {}
            nodes.check_volumes(self.cloud, self.cluster, what, selector, storage_class)

    def _definition(self, manifest: Manifest) -> Key:
        """That of a custom resource, or the error that Helm gives when there is none."""
        api, kind = manifest["apiVersion"], manifest["kind"]
        for each in self.cloud.all(_CUSTOM, self.cluster.id):
            if each.key.id.startswith(_DEFINITION) and (each.state["group"], each.state["kind"]) == (api, kind):
                return each.key
        if (api, kind) == _OF_MANAGED_PROMETHEUS and _has_managed_prometheus(self.cloud, self.cluster):
            return self.cluster
        raise Refused(
            f'unable to build kubernetes objects from release manifest: resource mapping not found for name: "'
            f'{manifest["metadata"]["name"]}" namespace: "{self._namespace(manifest)}": no matches for kind "{kind}" '
            f'in version "{api}"',
            "ensure CRDs are installed first",
        )

    def _schema(self, manifest: Manifest) -> Schema | None:
        """The provider's, of a kind that every cluster has."""
        group = manifest["apiVersion"].rpartition("/")[0]
        if "." in group and not group.endswith(".k8s.io"):
            return None
        return self._facts.schema("resource", f"{_kind(manifest)}_v1") or self._facts.schema(
            "resource", _kind(manifest)
        )

    def _namespace(self, manifest: Manifest) -> str:
        """Empty for what belongs to none; a custom resource without a schema is taken to belong to one."""
        schema = self._schema(manifest)
        if _is_admission(manifest):
            return ""
        if schema is not None and "namespace" not in schema.block.blocks["metadata"].block.attributes:
            return ""
        return str(manifest["metadata"].get("namespace") or self.namespace)

    def _key(self, manifest: Manifest) -> Key:
        id_ = path(self._namespace(manifest), manifest["metadata"]["name"])
        if self._schema(manifest) is None:
            return Key(_CUSTOM, self.cluster.id, f"{manifest['apiVersion']}/{manifest['kind']}/{id_}")
        return Key(_kind(manifest), self.cluster.id, id_)


def _has_managed_prometheus(cloud: Cloud, cluster: Key) -> bool:
    """GKE then brings its custom resource definitions."""
    found = cloud.get(cluster)
    given = [
        managed
        for monitoring in (found.state.get("monitoring_config") if found else None) or []
        for managed in monitoring.get("managed_prometheus") or []
    ]
    return any(managed.get("enabled") for managed in given)


def _is_admission(manifest: Manifest) -> bool:
    """A kind of every cluster that the provider has no resource for."""
    return manifest["kind"] in (admission.POLICY, admission.BINDING)


def _kind(manifest: Manifest) -> str:
    return f"kubernetes_{_snake(manifest['kind'])}"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _converted(block: Block, manifest: Manifest) -> dict[str, Any]:
    """Terraform's names: with underscores, and lists named for one of their elements."""
    given = {_snake(name): value for name, value in manifest.items()}
    state: dict[str, Any] = {}
    for name, attribute in block.attributes.items():
        if name in given:
            value = given[name]
            state[name] = str(value) if attribute.type == "string" and not isinstance(value, str) else value
    for name, nested in block.blocks.items():
        value = next((given[each] for each in (name, f"{name}s", f"{name}es") if each in given), None)
        if value is not None:
            elements = value if isinstance(value, list) else [value]
            state[name] = [_converted(nested.block, each or {}) for each in elements]
    return state


def _named_by(value: Any, field: str) -> Iterator[str]:
    """What a custom resource gives its pods, wherever it names it: accounts, priority classes."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == field and isinstance(inner, str):
                yield inner
            else:
                yield from _named_by(inner, field)
    elif isinstance(value, list):
        for inner in value:
            yield from _named_by(inner, field)
